using System.Text;
using CommunityToolkit.HighPerformance.Buffers;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// One copy of a text that many connections keep: the names and fingerprints of peers that come again and again, and of their CA. Bounded:
/// beyond the bound the text that was asked for least recently is forgotten, and its next connection has a copy of its own.
/// </summary>
internal static class SharedText
{
    private const int MostTexts = 1024;

    // A name may be as long as a certificate (64 KB by default): such a one is not kept for its next connection.
    private const int LongestKept = 256;

    private static readonly StringPool Pool = new(MostTexts);

    public static string Of(string text) => text.Length <= LongestKept ? Pool.GetOrAdd(text) : text;

    /// <summary>Allocates nothing for a text that is known.</summary>
    public static string Of(ReadOnlySpan<char> text) => text.Length <= LongestKept ? Pool.GetOrAdd(text) : text.ToString();

    /// <inheritdoc cref="Of(ReadOnlySpan{char})"/>
    public static string OfUtf8(ReadOnlySpan<byte> text) =>
        text.Length <= LongestKept ? Pool.GetOrAdd(text, Encoding.UTF8) : Encoding.UTF8.GetString(text);
}
