using System.Net.Security;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Takes cipher, key length and hash out of a suite's IANA name (TLS_[kx_WITH_]CIPHER_HASH). SslStream's own properties for
/// them are obsolete because they cannot express today's suites (SYSLIB0058).
/// </summary>
internal static class CipherSuiteName
{
    public static (string Algorithm, int Strength, string Hash) Parse(TlsCipherSuite suite)
    {
        string name = suite.ToString();
        const string with = "_WITH_";
        int at = name.IndexOf(with, StringComparison.Ordinal);
        string rest = at >= 0 ? name[(at + with.Length)..] : name["TLS_".Length..];

        int lastBar = rest.LastIndexOf('_');
        string hash = rest[(lastBar + 1)..];
        string cipher = hash.StartsWith("SHA", StringComparison.Ordinal) || hash == "MD5" ? rest[..lastBar] : rest;
        if (cipher == rest) hash = "SHA256"; // CCM suites carry no hash in their name: RFC 6655 fixes it.

        string[] words = cipher.Split('_');
        int strength = words.Select(w => int.TryParse(w, out int bits) && bits >= 40 ? bits : 0).Max();
        if (strength == 0 && words[0].StartsWith("CHACHA20", StringComparison.Ordinal)) strength = 256;
        string algorithm = string.Join('-', words.Where(w => w != strength.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return (algorithm, strength, hash);
    }
}
