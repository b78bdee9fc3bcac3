using System.Globalization;
using System.Text;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>A terminal as far as the live table uses one. What is written beyond its last column or line fails the test.</summary>
internal sealed class Screen(int columns, int rows)
{
    private StringBuilder[] _lines = Blank(rows);
    private int _row;
    private int _column;

    public bool IsAlternate { get; private set; }

    public bool HasCursor { get; private set; } = true;

    public bool Wraps { get; private set; } = true;

    public IReadOnlyList<string> Lines => [.. _lines.Select(l => l.ToString().TrimEnd())];

    /// <summary>Takes what a program wrote.</summary>
    public void Write(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u001b') i = Escape(text, i + 1);
            else if (text[i] == '\r') _column = 0;
            else if (text[i] == '\n') _row = Math.Min(rows - 1, _row + 1);
            else Put(text[i]);
        }
    }

    private int Escape(string text, int at)
    {
        if (at >= text.Length || text[at] != '[') return at;
        int end = at + 1;
        while (end < text.Length && !char.IsAsciiLetter(text[end])) end++;
        if (end == text.Length) return end;
        string parameters = text[(at + 1)..end];
        switch (text[end])
        {
            case 'H' when parameters.Split(';') is [var row, var column]:
                _row = int.Parse(row, CultureInfo.InvariantCulture) - 1;
                _column = int.Parse(column, CultureInfo.InvariantCulture) - 1;
                Assert.InRange(_row, 0, rows - 1);
                break;
            case 'K':
                _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
                break;
            case 'J' when parameters == "2":
                _lines = Blank(rows);
                break;
            case 'J':
                _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
                for (int i = _row + 1; i < rows; i++) _lines[i].Clear();
                break;
            case 'h' or 'l':
                Set(parameters, text[end] == 'h');
                break;
        }

        return end;
    }

    private void Set(string mode, bool on)
    {
        if (mode == "?1049")
        {
            IsAlternate = on;
            _lines = Blank(rows);
        }

        if (mode == "?25") HasCursor = on;
        if (mode == "?7") Wraps = on;
    }

    private void Put(char character)
    {
        if (IsAlternate) Assert.True(_column < columns, $"Written beyond column {columns} of line {_row + 1}: {_lines[_row]}{character}");
        StringBuilder line = _lines[_row];
        while (line.Length <= _column) line.Append(' ');
        line[_column++] = character;
    }

    private static StringBuilder[] Blank(int rows) => [.. Enumerable.Range(0, rows).Select(_ => new StringBuilder())];
}
