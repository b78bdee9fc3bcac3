using System.Globalization;

namespace RawEcho.Testing.Processes;

/// <summary>How a program ended and what it said.</summary>
/// <param name="Name">The program.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Lines of standard output.</param>
/// <param name="Errors">Lines of standard error.</param>
public sealed record ProgramResult(string Name, int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    /// <summary>The number after a label, thousands separators allowed: "Bytes sent: 1,234".</summary>
    public long Number(string label)
    {
        string line = Output.FirstOrDefault(l => l.StartsWith($"{label}: ", StringComparison.Ordinal))
            ?? Fail<string>($"no line '{label}: ...'");
        string number = line[(label.Length + 2)..].Split(' ')[0];
        return long.TryParse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out long value)
            ? value
            : Fail<long>($"no number in '{line}'");
    }

    /// <summary>How many lines of standard output hold a text.</summary>
    public int Count(string part) => Output.Count(l => l.Contains(part, StringComparison.Ordinal));

    /// <summary>Fails the test unless the program ended with <paramref name="exitCode"/>.</summary>
    public ProgramResult EndedWith(int exitCode) =>
        ExitCode == exitCode ? this : Fail<ProgramResult>($"exit code {ExitCode} instead of {exitCode}");

    /// <summary>Fails the test unless the program said one sentence on standard error, and that one with all parts.</summary>
    public ProgramResult WithOneSentence(params string[] parts)
    {
        if (Errors.Count != 1) return Fail<ProgramResult>($"{Errors.Count} lines on standard error instead of one");
        string line = Errors[0];
        if (!line.StartsWith($"{Name}: ", StringComparison.Ordinal))
            return Fail<ProgramResult>("the line does not begin with the program's name");
        if (!line.EndsWith('.')) return Fail<ProgramResult>("the line does not end with a full stop");
        return WithError(parts);
    }

    /// <summary>Fails the test unless one line of standard error holds all parts.</summary>
    public ProgramResult WithError(params string[] parts)
    {
        bool said = Errors.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
        return said ? this : Fail<ProgramResult>($"no line on standard error with {string.Join(" and ", parts.Select(p => $"'{p}'"))}");
    }

    /// <summary>Fails the test unless one line of standard output holds all parts.</summary>
    public ProgramResult WithOutput(params string[] parts)
    {
        bool said = Output.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
        return said ? this : Fail<ProgramResult>($"no line on standard output with {string.Join(" and ", parts.Select(p => $"'{p}'"))}");
    }

    private T Fail<T>(string what)
    {
        string text = string.Join(
            Environment.NewLine, [$"{Name}: {what}.", "--- standard output", .. Output, "--- standard error", .. Errors]);
        Assert.Fail(text);
        return default!;
    }
}
