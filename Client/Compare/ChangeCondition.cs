using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using RawEcho.Client.Results;

namespace RawEcho.Client.Compare;

/// <summary>
/// A change by which a comparison fails, such as p99>+10% or rps&lt;-5%, and of counts also errors>+0. One in per cent is met by a change
/// that is beyond the limit and more than noise; one of counts by the counts alone.
/// </summary>
internal sealed partial class ChangeCondition
{
    private readonly string _text;
    private readonly string _operator;
    private readonly double _limit;
    private readonly bool _isPercent;

    private ChangeCondition(string text, Figure figure, string @operator, double limit, bool isPercent) =>
        (_text, Figure, _operator, _limit, _isPercent) = (text, figure, @operator, limit, isPercent);

    /// <summary>What is looked at.</summary>
    public Figure Figure { get; }

    /// <summary>An option that takes any number of conditions.</summary>
    public static Option<ChangeCondition[]> CreateOption() => new("--fail-if")
    {
        Description = "Fail with exit code 10 when a figure has changed by more than this against the first file, and by more than noise, "
            + "or when that cannot be told; may be given more than once: p99>+10%, rps<-5%, client-cpu>+20%, errors>+0",
        HelpName = "change",
        DefaultValueFactory = _ => [],
        CustomParser = r => [.. r.Tokens.Select(t => ParseOne(r, t.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Parses a condition: figure, comparison, sign and number, and % where it is no count.</summary>
    public static bool TryParse(string text, out ChangeCondition condition)
    {
        condition = null!;
        Match match = Pattern().Match(text);
        if (!match.Success || Figure.Find(match.Groups["figure"].Value) is not { } figure) return false;
        bool isPercent = match.Groups["percent"].Success;
        if (!isPercent && figure.Unit != FigureUnit.Count) return false;
        double limit = double.Parse(match.Groups["limit"].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
        condition = new ChangeCondition(text, figure, match.Groups["operator"].Value, limit, isPercent);
        return true;
    }

    /// <summary>Asks whether it is met.</summary>
    /// <param name="change">The change of <see cref="Figure"/>.</param>
    /// <param name="label">Which file has changed; null where there is only one that can have.</param>
    public ConditionResult Evaluate(FigureChange change, string? label)
    {
        string text = label is null ? _text : $"{_text} ({label})";
        ConditionResult Undecided(string why) => new(text, null, null) { Undecided = why };
        if (change is not { Old: { } old, New: { } now } || change.Verdict == FigureChange.Absent)
            return Undecided("not all of the runs have this figure");
        if (!_isPercent)
        {
            double difference = now.Median - old.Median;
            return new ConditionResult(text, ChangeText.Difference(difference), IsBeyond(difference));
        }

        if (change.ChangePercent is not { } percent) return Undecided($"it was 0 before and is {Figure.Format(now.Median)} now");
        string actual = ChangeText.Percent(percent);
        if (change.PValue is not { } p) return Undecided($"{change.Why ?? Comparison.OneEach}; the change was {actual}");
        bool isNoise = change.Verdict == FigureChange.Noise;
        string noise = isNoise ? ", no more than noise" : string.Empty;
        return new ConditionResult(text, $"{actual}{noise} ({ChangeText.PValue(p)})", IsBeyond(percent) && !isNoise);
    }

    private bool IsBeyond(double change) => _operator switch
    {
        ">" => change > _limit,
        ">=" => change >= _limit,
        "<" => change < _limit,
        _ => change <= _limit,
    };

    private static ChangeCondition ParseOne(ArgumentResult result, string word)
    {
        if (TryParse(word, out ChangeCondition condition)) return condition;
        result.AddError($"--fail-if takes a change such as 'p99>+10%', 'rps<-5%' or 'errors>+0', not '{word}'");
        return null!;
    }

    // The sign is a must: p99>10% could be read as a share.
    [GeneratedRegex(
        @"^\s*(?<figure>status(!=|<=|>=|<|>|=)[1-5]\d{2}|[a-z][a-z0-9.-]*)\s*(?<operator><=|>=|<|>)"
        + @"\s*(?<limit>[+-]\d{1,9}(\.\d{1,9})?)\s*(?<percent>%)?\s*$")]
    private static partial Regex Pattern();
}
