using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Commands;

namespace RawEcho.Client.Results;

/// <summary>A condition under which a run has failed, such as p99>5ms, rps&lt;10000 or errors>0.</summary>
internal sealed partial class FailCondition
{
    private readonly string _text;
    private readonly string _operator;
    private readonly double _limit;

    private FailCondition(string text, string metric, string @operator, double limit) =>
        (_text, Metric, _operator, _limit) = (text, metric, @operator, limit);

    /// <summary>What is looked at: p99, service-p99, max, rps, errors and so on.</summary>
    public string Metric { get; }

    /// <summary>Which HTTP statuses it is about; null when it is about another thing.</summary>
    public StatusRule? Status => StatusRule.TryParse(Metric, out StatusRule? rule) ? rule : null;

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <summary>An option that takes any number of conditions.</summary>
    public static Option<FailCondition[]> CreateOption() => new("--fail-if")
    {
        Description = "Fail with exit code 10 when this holds; may be given more than once: "
            + "p99>5ms, service-p99.9>1ms, max>1s, rps<10k, mbit-received<900, errors>0, late>0, unsent>0, status!=200>0",
        HelpName = "condition",
        DefaultValueFactory = _ => [],
        CustomParser = r => [.. r.Tokens.Select(t => ParseOne(r, t.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Parses a condition: name, comparison, number; a latency with its unit (5ms), other numbers without (10k).</summary>
    public static bool TryParse(string text, out FailCondition condition)
    {
        condition = null!;
        Match match = Pattern().Match(text);
        if (!match.Success) return false;
        string metric = match.Groups["metric"].Value;
        string limit = match.Groups["limit"].Value;
        double value = 0;
        // "status>=400" alone: one such response is enough.
        bool isValue = limit.Length == 0 ? match.Groups["status"].Success
            : match.Groups["time"].Success ? Quantity.TryParseTime(limit, out value)
            : TryNumber(limit, out value);
        if (!isValue) return false;
        if (match.Groups["percent"] is { Success: true } p
            && double.Parse(p.Value, CultureInfo.InvariantCulture) is <= 0 or > 100)
            return false;
        condition = new FailCondition(text, metric, limit.Length == 0 ? ">" : match.Groups["operator"].Value, value);
        return true;
    }

    /// <summary>Refuses conditions on HTTP statuses where there are none.</summary>
    /// <exception cref="CommandException">There is one.</exception>
    public static void RefuseStatus(IEnumerable<FailCondition> conditions)
    {
        if (conditions.FirstOrDefault(c => c.Status is not null) is { } condition)
        {
            throw new CommandException(
                ExitCode.Usage, $"--fail-if {condition}: an echo has no status. Name a URL: https://host:port/path.");
        }
    }

    /// <summary>Refuses conditions on what will not be measured, before anything is.</summary>
    /// <exception cref="CommandException">There is one.</exception>
    public static void RefuseUnknown(IEnumerable<FailCondition> conditions, Func<string, bool> isMeasured)
    {
        if (conditions.FirstOrDefault(c => !isMeasured(c.Metric)) is { } condition) throw condition.Unknown();
    }

    /// <summary>Asks whether it holds.</summary>
    /// <param name="measure">The value of a metric; null for one that this result does not have.</param>
    /// <param name="incomplete">Why a condition that does not hold may still come to hold; null when the measurement is complete.</param>
    /// <exception cref="CommandException">The result does not have the metric.</exception>
    public ConditionResult Evaluate(Func<string, MetricValue?> measure, string? incomplete = null)
    {
        MetricValue metric = measure(Metric) ?? throw Unknown();
        if (metric.Value is not { } actual)
            return new ConditionResult(_text, null, null) { Undecided = incomplete ?? "nothing was measured" };
        bool met = _operator switch
        {
            ">" => actual > _limit,
            ">=" => actual >= _limit,
            "<" => actual < _limit,
            _ => actual <= _limit,
        };
        bool isTime = Metric.Contains("max", StringComparison.Ordinal) || Percent(Metric) is not null;
        string text = isTime ? Quantity.Time(actual) : Quantity.Number(actual);
        return met || incomplete is null
            ? new ConditionResult(_text, text, met)
            : new ConditionResult(_text, text, null) { Undecided = incomplete };
    }

    /// <summary>The percentile that a metric names (p99, service-p99.9); null when it names another thing.</summary>
    public static double? Percent(string metric)
    {
        string last = metric[(metric.LastIndexOf('-') + 1)..];
        return last.StartsWith('p')
            && double.TryParse(last.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
                ? percent
                : null;
    }

    private static bool TryNumber(string word, out double value)
    {
        bool isNumber = NumberText.TryParse(word, out decimal number);
        value = (double)number;
        return isNumber;
    }

    private CommandException Unknown() => new(ExitCode.Usage, $"--fail-if {_text}: this run has no '{Metric}'.");

    private static FailCondition ParseOne(ArgumentResult result, string word)
    {
        if (TryParse(word, out FailCondition condition)) return condition;
        result.AddError($"--fail-if takes a condition such as 'p99>5ms', 'rps<10000' or 'errors>0', not '{word}'");
        return null!;
    }

    [GeneratedRegex(
        @"^\s*(?<metric>(?<time>(service-|corrected-|resumed-|full-)?(p(?<percent>\d+(\.\d+)?)|max))"
        + @"|(?<status>status(!=|<=|>=|<|>|=)[1-5]\d{2})|rps|mbit-sent|mbit-received|errors|mismatches|unanswered|late|unsent)"
        + @"(\s*(?<operator><=|>=|<|>)\s*(?<limit>\d+(\.\d+)?\w*))?\s*$")]
    private static partial Regex Pattern();
}
