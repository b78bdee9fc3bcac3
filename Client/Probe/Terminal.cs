using System.Text;
using RawEcho.Terminal;

namespace RawEcho.Client.Probe;

/// <summary>What standard output can show: colours only on a terminal, check marks only where they are in its alphabet.</summary>
/// <param name="HasColour">It takes ANSI colours (NO_COLOR and TERM=dumb are honoured: https://no-color.org).</param>
/// <param name="HasMarks">It takes UTF-8.</param>
internal sealed record Terminal(bool HasColour, bool HasMarks)
{
    private const string Green = "\u001b[32m", Red = "\u001b[31m", Yellow = "\u001b[33m";
    private const string Bold = "\u001b[1m", Dim = "\u001b[2m", Plain = "\u001b[0m";

    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>A fact that is as it should be.</summary>
    public string Good(string text) => Paint(Green, Mark("\u2713 ") + text);

    /// <summary>A fact that is not.</summary>
    public string Bad(string text) => Paint(Red, Mark("\u2717 ") + text);

    /// <summary>What is wrong. Where there are no marks a word stands for it.</summary>
    public string Error(string text) => Paint(Red, Mark("\u2717 ", "ERROR: ") + text);

    /// <summary>What should be looked at.</summary>
    public string Warning(string text) => Paint(Yellow, Mark("! ", "WARNING: ") + text);

    public string Title(string text) => Paint(Bold, text);

    public string Label(string text) => Paint(Dim, text);

    /// <summary>Looks at standard output and its environment.</summary>
    public static Terminal OfStandardOutput()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        bool wantsColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        bool takesColour = isTerminal && (!OperatingSystem.IsWindows() || AnsiTerminal.IsOutput);
        return new Terminal(takesColour && wantsColour, isTerminal && IsUtf8());
    }

    // .NET takes a Unix console for UTF-8 where nothing is set; a terminal in the C locale often is not.
    private static bool IsUtf8()
    {
        if (OperatingSystem.IsWindows()) return Console.OutputEncoding is UTF8Encoding;
        string? locale = LocaleVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(v => !string.IsNullOrEmpty(v));
        return locale?.Replace("-", string.Empty, StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase) == true;
    }

    private string Mark(string mark, string otherwise = "") => HasMarks ? mark : otherwise;

    private string Paint(string colour, string text) => HasColour ? colour + text + Plain : text;
}
