namespace RawEcho.Client.Results;

/// <summary>Bit rates in Mbit/s, which are 1,000,000 bits a second.</summary>
internal static class BitRate
{
    private const double BitsPerByte = 8, Million = 1e6;

    /// <summary>The rate of so many bytes; null without a time.</summary>
    public static double? Of(long bytes, double seconds) => seconds > 0 ? Math.Round(bytes * BitsPerByte / Million / seconds, 6) : null;
}
