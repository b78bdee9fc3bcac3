using System.Buffers;
using System.Globalization;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>A block of PEM.</summary>
/// <param name="Label">What it is: CERTIFICATE.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Data">What stands in it, decoded.</param>
/// <param name="Headers">Lines such as Proc-Type and DEK-Info (RFC 1421 section 4.6), by name.</param>
internal sealed record PemBlock(string Label, int Line, byte[] Data, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// Reads PEM, for every file in which it may stand. .NET's own reader passes over what it cannot read, and half a file would be obeyed
/// without a word: here each block that begins is read, or named with its line. Text between blocks is no harm, nor is a line that begins
/// with #.
/// </summary>
internal static class PemText
{
    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    private static readonly SearchValues<char> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n");

    /// <summary>Reads all blocks of a file.</summary>
    /// <exception cref="CertificateFileException">It is not text, or one of its blocks cannot be read.</exception>
    public static IReadOnlyList<PemBlock> Read(FileContent file)
    {
        string text = TextOf(file);
        List<PemMarker> markers = PemMarker.FindAll(text);
        var blocks = new List<PemBlock>();
        var defects = new List<(PemProblem Problem, int Line, string Label)>();
        for (int i = 0; i < markers.Count; i++)
        {
            PemMarker begin = markers[i];
            PemMarker? next = i + 1 < markers.Count ? markers[i + 1] : null;
            ReadOnlySpan<char> body = text.AsSpan(begin.End, (next?.Start ?? text.Length) - begin.End);
            int wrongLine = begin.Line;
            PemProblem problem = Examine(begin, next, body, text);
            if (problem == PemProblem.None) problem = TryDecode(begin, body, blocks, ref wrongLine);
            if (problem != PemProblem.None) defects.Add((problem, wrongLine, begin.Label));
            // Its end belongs to it, also where it is not as it must be.
            if (begin.IsBegin && next is { IsBegin: false }) i++;
        }

        if (defects.Count == 0) return blocks;
        (PemProblem first, int line, string label) = defects[0];
        throw new CertificateFileException(file.Name, CertificateFileProblem.DamagedPem)
        {
            Pem = first,
            Line = line,
            Label = label,
            DamagedBlocks = defects.Count,
        };
    }

    /// <summary>The text of a file in UTF-8, without its byte order mark.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isStrict">False to take other encodings of ASCII too: text beside PEM may be in any.</param>
    /// <exception cref="CertificateFileException">It is in UTF-16, or not in UTF-8.</exception>
    public static string TextOf(FileContent file, bool isStrict = false)
    {
        ReadOnlySpan<byte> bytes = file.Bytes.Span;
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || HasNulEverySecond(bytes))
            throw new CertificateFileException(file.Name, CertificateFileProblem.Utf16);
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, isStrict).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new CertificateFileException(file.Name, CertificateFileProblem.NotText, e);
        }
    }

    // UTF-16 without its mark.
    private static bool HasNulEverySecond(ReadOnlySpan<byte> bytes) =>
        bytes is [not 0, 0, not 0, 0, ..] or [0, not 0, 0, not 0, ..];

    private static PemProblem Examine(PemMarker begin, PemMarker? next, ReadOnlySpan<char> body, string text)
    {
        if (!begin.IsBegin) return PemProblem.NotBegun;
        bool isEscaped = body.Contains("\\n", StringComparison.Ordinal) || body.Contains("\\r", StringComparison.Ordinal);
        if (isEscaped) return PemProblem.EscapedLineBreaks;
        if (begin.Before != MarkerPlace.LineStart)
            return begin.Before == MarkerPlace.BehindMarker ? PemProblem.NoLineBreak : PemProblem.BehindText;
        if (!begin.IsWellFormed) return IsLast(begin) ? PemProblem.CutOff : PemProblem.BadMarker;
        return next switch
        {
            null => PemProblem.CutOff,
            { IsBegin: true } => PemProblem.NotEnded,
            { IsWellFormed: false } => IsLast(next) ? PemProblem.CutOff : PemProblem.BadMarker,
            _ when next.Label != begin.Label => PemProblem.OtherEnd,
            _ => PemProblem.None,
        };

        bool IsLast(PemMarker marker) => text.AsSpan(marker.End).IsWhiteSpace();
    }

    private static PemProblem TryDecode(PemMarker begin, ReadOnlySpan<char> body, List<PemBlock> blocks, ref int line)
    {
        const int characters = 4, bytes = 3;
        IReadOnlyDictionary<string, string> headers = TakeHeaders(body, out ReadOnlySpan<char> base64);
        byte[] data = new byte[(base64.Length / characters * bytes) + bytes];
        if (!Convert.TryFromBase64Chars(base64, data, out int length))
        {
            line = begin.Line + LinesBeforeFault(body, base64);
            return PemProblem.BadBase64;
        }

        if (length == 0) return PemProblem.Empty;
        Array.Resize(ref data, length);
        blocks.Add(new PemBlock(begin.Label, begin.Line, data, headers));
        return PemProblem.None;
    }

    private static int LinesBeforeFault(ReadOnlySpan<char> body, ReadOnlySpan<char> base64)
    {
        int at = base64.IndexOfAnyExcept(Base64Characters);
        // Where every character is good, there are too few or too many of them: then the block is named by its beginning.
        return at < 0 ? 0 : PemMarker.CountLines(body[..(body.Length - base64.Length + at)]);
    }

    // RFC 1421 section 4.6: a header is a name, a colon and the rest of the line, goes on in lines that begin with a space, and an empty
    // line is behind the last one.
    private static IReadOnlyDictionary<string, string> TakeHeaders(ReadOnlySpan<char> body, out ReadOnlySpan<char> base64)
    {
        base64 = body;
        if (!body.Contains(':')) return NoHeaders;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        int at = 0;
        while (at < body.Length)
        {
            int rest = body[at..].IndexOfAny('\r', '\n');
            int end = rest < 0 ? body.Length : at + rest;
            ReadOnlySpan<char> line = body[at..end];
            int colon = line.IndexOf(':');
            bool goesOn = last is not null && line is [' ' or '\t', ..] && !line.IsWhiteSpace();
            if (goesOn) headers[last!] += line.Trim().ToString();
            else if (colon > 0) headers[last = line[..colon].Trim().ToString()] = line[(colon + 1)..].Trim().ToString();
            else if (last is not null || !line.IsWhiteSpace()) break;
            bool isPair = body[end..].StartsWith("\r\n");
            at = Math.Min(end + (isPair ? 2 : 1), body.Length);
        }

        base64 = body[at..];
        return headers;
    }
}

/// <summary>Where a marker stands on its line.</summary>
internal enum MarkerPlace
{
    /// <summary>First, but for white space.</summary>
    LineStart,

    /// <summary>Right behind the end of another block.</summary>
    BehindMarker,

    /// <summary>Behind something else.</summary>
    BehindText,
}

/// <summary>A line -----BEGIN LABEL----- or -----END LABEL-----, or what was meant as one.</summary>
/// <param name="IsBegin">It is a beginning.</param>
/// <param name="Label">The label, as it stands there.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">Where it ends in the text.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Before">Where it stands on its line.</param>
/// <param name="IsWellFormed">It has five hyphens on both sides, and capital letters.</param>
internal sealed record PemMarker(bool IsBegin, string Label, int Start, int End, int Line, MarkerPlace Before, bool IsWellFormed)
{
    private const string Hyphens = "-----";

    // Fewer may stand in any text.
    private const int FewestHyphens = 3;

    /// <summary>Finds all of a text, but for those on lines that begin with #, and for OpenPGP, which looks alike.</summary>
    public static List<PemMarker> FindAll(string text)
    {
        var markers = new List<PemMarker>();
        int at = 0, line = 1, counted = 0;
        while (TryFind(text, at, out int start, out int word, out bool isBegin))
        {
            line += CountLines(text.AsSpan(counted, start - counted));
            counted = start;
            int lineEnd = text.AsSpan(word).IndexOfAny('\r', '\n') is var rest and >= 0 ? word + rest : text.Length;
            int labelStart = word + (isBegin ? "BEGIN " : "END ").Length;
            int close = text.IndexOf(Hyphens, labelStart, lineEnd - labelStart, StringComparison.Ordinal);
            string label = text[labelStart..(close < 0 ? lineEnd : close)].Trim().TrimEnd('-');
            at = close < 0 ? lineEnd : close + Hyphens.Length;
            bool isWellFormed = close >= 0 && word - start == Hyphens.Length && text.AsSpan(start).StartsWith(Hyphens)
                && text.AsSpan(word).StartsWith(isBegin ? "BEGIN " : "END ", StringComparison.Ordinal)
                && !label.AsSpan().ContainsAnyInRange('a', 'z') && !(at < lineEnd && text[at] == '-' && !IsMarker(text, at));
            bool isBehindMarker = markers.Count > 0 && markers[^1] is { IsBegin: false } last && last.End == start;
            MarkerPlace place = PlaceOf(text, start, isBehindMarker, out bool isRemark);
            if (isRemark || label.StartsWith("PGP ", StringComparison.Ordinal)) continue;
            markers.Add(new PemMarker(isBegin, label, start, at, line, place, isWellFormed));
        }

        if (IsCutInMarker(text, out int cut))
        {
            int lastLine = 1 + CountLines(text);
            markers.Add(new PemMarker(IsBegin: true, "", cut, text.Length, lastLine, MarkerPlace.LineStart, IsWellFormed: false));
        }

        return markers;
    }

    /// <summary>Counts line breaks: LF, CR LF, or CR alone.</summary>
    public static int CountLines(ReadOnlySpan<char> text)
    {
        int lines = 0;
        for (int i; (i = text.IndexOfAny('\r', '\n')) >= 0; text = text[(i + 1)..])
        {
            bool isPair = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            if (isPair) i++;
            lines++;
        }

        return lines;
    }

    // The word first and then the hyphens before it: also other dashes, into which programs for prose turn them.
    private static bool TryFind(string text, int from, out int start, out int word, out bool isBegin)
    {
        for (int at = from; ; at = word + 1)
        {
            (start, isBegin) = (0, false);
            int begin = IndexOf("BEGIN "), end = IndexOf("END ");
            if (begin < 0 && end < 0)
            {
                word = 0;
                return false;
            }

            isBegin = end < 0 || (begin >= 0 && begin < end);
            word = isBegin ? begin : end;
            for (start = word; start > from && IsDash(text[start - 1]); start--) ;
            if (word - start >= FewestHyphens) return true;

            int IndexOf(string marker) => text.IndexOf(marker, at, StringComparison.OrdinalIgnoreCase);
        }
    }

    // A copy may break off right there: -----BEG.
    private static bool IsCutInMarker(string text, out int start)
    {
        start = text.AsSpan().LastIndexOfAny('\r', '\n') + 1;
        ReadOnlySpan<char> line = text.AsSpan(start).TrimStart();
        return line.Length > 0 && $"{Hyphens}BEGIN".AsSpan().StartsWith(line);
    }

    private static bool IsMarker(string text, int at) =>
        text.AsSpan(at).StartsWith($"{Hyphens}BEGIN ", StringComparison.Ordinal);

    private static bool IsDash(char c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation;

    private static MarkerPlace PlaceOf(string text, int start, bool isBehindMarker, out bool isRemark)
    {
        int lineStart = text.AsSpan(0, start).LastIndexOfAny('\r', '\n') + 1;
        ReadOnlySpan<char> before = text.AsSpan(lineStart, start - lineStart).Trim().Trim('\uFEFF').Trim();
        isRemark = before is ['#', ..];
        return isBehindMarker ? MarkerPlace.BehindMarker : before.IsEmpty ? MarkerPlace.LineStart : MarkerPlace.BehindText;
    }
}
