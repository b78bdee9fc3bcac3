using System.Text;

namespace RawEcho.Diagnostics.Recording;

/// <summary>Splits CSV (RFC 4180) into records, one at a time. A record goes over several lines where a quoted field does.</summary>
internal sealed class CsvRecords(TextReader input)
{
    private int _line = 1;

    private enum Place
    {
        FieldStart,
        Plain,
        Quoted,
        AfterQuotes,
    }

    /// <summary>True when nothing follows the last record.</summary>
    public bool IsAtEnd => input.Peek() < 0;

    /// <summary>The next record; null at the end.</summary>
    /// <exception cref="RecordingFormatException">A quote is where none is allowed, so the end of its field is unknown.</exception>
    public CsvRecord? Next()
    {
        if (IsAtEnd) return null;
        int line = _line;
        List<string> fields = [];
        var field = new StringBuilder();
        Place place = Place.FieldStart;
        while (true)
        {
            int c = input.Read();
            if (c == '\n') _line++;
            if (place == Place.Quoted && c >= 0)
            {
                if (c != '"') field.Append((char)c);
                else if (input.Peek() == '"') field.Append((char)input.Read());
                else place = Place.AfterQuotes;
                continue;
            }

            if (c == '\r')
            {
                // The line feed may be what was cut off: the line is whole all the same.
                if (!IsAtEnd) continue;
                c = '\n';
            }

            if (c is ',' or '\n' or < 0)
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c != ',') return new CsvRecord([.. fields], line, HasLineEnd: c == '\n', IsQuoteOpen: place == Place.Quoted);
                place = Place.FieldStart;
            }
            else if (c == '"' && place == Place.FieldStart)
            {
                place = Place.Quoted;
            }
            else if (c == '"' || place == Place.AfterQuotes)
            {
                throw new RecordingFormatException($"Line {line} is not of a recording: a quote stands within a field.");
            }
            else
            {
                field.Append((char)c);
                place = Place.Plain;
            }
        }
    }
}

/// <summary>One record of a CSV file.</summary>
/// <param name="Fields">Its fields, without quotes. At least one.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="HasLineEnd">False when the file ends before its line does.</param>
/// <param name="IsQuoteOpen">True when the file ends within its last field, which is quoted.</param>
internal sealed record CsvRecord(string[] Fields, int Line, bool HasLineEnd, bool IsQuoteOpen);
