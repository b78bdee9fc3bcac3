using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Certs;

/// <summary>Names that a certificate can carry, in the one form that verifiers compare.</summary>
internal static class SubjectName
{
    private const int MaxDnsLength = 253;

    /// <summary>A DNS name, a wildcard such as *.example.com, or an IP address, as a server has them.</summary>
    public static bool TryHost(string text, out string name)
    {
        if (!TryAddress(text, out IPAddress? address))
            return TryDns(text.StartsWith("*.", StringComparison.Ordinal) ? "*." : "", text, out name);
        name = address.ToString();
        return true;
    }

    /// <summary>A DNS name of which there is one, as a client has it.</summary>
    public static bool TryClient(string text, out string name) => TryDns("", text, out name);

    /// <summary>
    /// Recognises an address in full. Short forms that the platform would take (1 for 0.0.0.1) are more likely slips, and an
    /// IPv6 zone (%eth0) means nothing outside its own machine.
    /// </summary>
    public static bool TryAddress(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.Contains('%'));

    private static bool TryDns(string prefix, string text, out string name)
    {
        name = "";
        string ascii;
        try
        {
            ascii = new IdnMapping().GetAscii(text[prefix.Length..].ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return false;
        }

        string[] labels = ascii.Split('.');
        // A last label of digits alone makes every client take the name for an IP address.
        bool valid = prefix.Length + ascii.Length <= MaxDnsLength && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit);
        if (valid) name = prefix + ascii;
        return valid;
    }

    // RFC 1035 section 2.3.1, and the underscore that container networks put into names.
    private static bool IsLabel(string label) =>
        label.Length is >= 1 and <= 63
            && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
