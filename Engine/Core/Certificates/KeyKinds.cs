using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates;

/// <summary>The kinds of keys by their object identifiers, and what protects keys in files.</summary>
internal static class KeyKinds
{
    public const string Rsa = "1.2.840.113549.1.1.1";
    public const string EllipticCurve = "1.2.840.10045.2.1";

    // Those that OpenSSL makes and SslStream has no use for.
    private static readonly Dictionary<string, string> Names = new()
    {
        ["1.2.840.113549.1.1.10"] = "RSA-PSS",
        ["1.2.840.10040.4.1"] = "DSA",
        ["1.2.840.113549.1.3.1"] = "DH",
        ["1.3.101.110"] = "X25519",
        ["1.3.101.111"] = "X448",
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
        ["1.3.6.1.4.1.11591.4.11"] = "scrypt",
        ["1.2.840.113549.1.5.14"] = "PBMAC1",
    };

    /// <summary>What a user calls it: Ed25519; the number for what has no name here.</summary>
    public static string NameOf(string oid) => Names.TryGetValue(oid, out string? name) ? name : new Oid(oid).FriendlyName ?? oid;
}
