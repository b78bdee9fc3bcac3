using System.Text.RegularExpressions;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>What stays of a line of output when its numbers are others.</summary>
internal static partial class LineForm
{
    /// <summary>A value with its unit is '#', and columns are one space apart.</summary>
    public static string Of(string line)
    {
        line = Compared().Replace(line, "compared");
        line = NoRatio().Replace(line, "#");
        line = Decided().Replace(line, "$1");
        line = Moments().Replace(line, "#");
        line = Digests().Replace(line, "#");
        line = Values().Replace(line, "#");
        return Spaces().Replace(line, " ").Trim();
    }

    /// <summary>What one run has and the next one has not: progress, a verdict and its figures, messages that were late.</summary>
    public static bool IsChance(string line) => Chance().IsMatch(line);

    /// <summary>Whether a line that is shown is among those that came. "..." stands for anything.</summary>
    public static bool Comes(string shown, HashSet<string> forms)
    {
        string form = Of(shown);
        if (!form.Contains("...", StringComparison.Ordinal)) return forms.Contains(form);
        var pattern = new Regex($"^{Regex.Escape(form).Replace(Regex.Escape("..."), ".*", StringComparison.Ordinal)}$");
        return forms.Any(pattern.IsMatch);
    }

    [GeneratedRegex(
        "^(\\d+ s: .* left$| *[\\d,]+ per second: (not )?held, |Bottleneck: |It rests on: |After the end: |Late or not sent because of: )")]
    private static partial Regex Chance();

    [GeneratedRegex("(?<=  )(noise|the same|cannot be told|more|less|better|worse)\\b.*$")]
    private static partial Regex Compared();

    // The ratio of two values that may be zero, behind at least one value.
    [GeneratedRegex(@"(?<=\d.*  )-$")]
    private static partial Regex NoRatio();

    // Whether a condition holds is the machine's affair.
    [GeneratedRegex(@"^rawecho-client: (?:PASS|FAIL): (--\S+ \S+): .*$")]
    private static partial Regex Decided();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d([T ][\d:.]+( ?UTC|Z|[+-]\d\d:\d\d)?)?|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT")]
    private static partial Regex Moments();

    [GeneratedRegex(@"\b(?=[0-9]*[A-F])[0-9A-F]{6,}\b|\b[0-9]{20,}\b")]
    private static partial Regex Digests();

    // A comma or a full stop behind it is the sentence's: the name of a CA may have six digits, or letters among them.
    [GeneratedRegex(@"[+-]?\d([\d,.]*\d)?( ?(ns|µs|us|ms|s|%|B|KB|MB|GB|KiB|MiB)\b)?(/s)?( %)?")]
    private static partial Regex Values();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
