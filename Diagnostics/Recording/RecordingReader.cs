namespace RawEcho.Diagnostics.Recording;

/// <summary>Reads a recording back, whichever of the two forms it has.</summary>
internal static class RecordingReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="RecordingFormatException">It is no recording, or one of a later version; an empty file is none either.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static RecordingData Read(string file)
    {
        using var input = new StreamReader(file);
        return Read(input);
    }

    /// <summary>Reads text: a recording that begins with '{' is JSON lines, anything else CSV.</summary>
    /// <exception cref="RecordingFormatException">It is no recording.</exception>
    public static RecordingData Read(TextReader input) => input.Peek() switch
    {
        < 0 => throw new RecordingFormatException("It is empty."),
        '{' => JsonLinesReader.Read(input),
        _ => CsvReader.Read(input),
    };
}
