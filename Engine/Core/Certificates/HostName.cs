using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace RawEcho.Engine.Certificates;

/// <summary>Names as certificates have them: DNS names in their ASCII form (IDNA, RFC 5890), in lower case, without a final dot.</summary>
internal static class HostName
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = false };

    /// <summary>The form to compare a DNS name in; an address is none.</summary>
    public static bool TryToAscii(string name, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        string bare = name.EndsWith('.') ? name[..^1] : name;
        if (bare.Length == 0 || bare.Any(char.IsWhiteSpace) || bare.Any(char.IsControl)) return false;
        try
        {
            // A wildcard is not for IdnMapping to evaluate.
            bool wildcard = bare.StartsWith("*.", StringComparison.Ordinal);
            string mapped = Idn.GetAscii((wildcard ? bare[2..] : bare).ToLowerInvariant());
            ascii = wildcard ? "*." + mapped : mapped;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>What a user dials, as a certificate would have it: an address without its zone, or a DNS name.</summary>
    public static bool TryNormalize(string dialled, [NotNullWhen(true)] out string? name)
    {
        if (!IPAddress.TryParse(dialled, out IPAddress? address)) return TryToAscii(dialled, out name);
        name = address.ToString().Split('%')[0];
        return true;
    }
}
