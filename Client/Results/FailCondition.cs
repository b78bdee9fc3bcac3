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
    private readonly string _option;

    private FailCondition(string option, string text, string metric, string @operator, double limit) =>
        (_option, _text, Metric, _operator, _limit) = (option, text, metric, @operator, limit);

    /// <summary>The limit is a share, in percent of what there was in all.</summary>
    public bool IsShare { get; private init; }

    /// <summary>What is looked at: p99, service-p99, max, rps, errors and so on.</summary>
    public string Metric { get; }

    /// <summary>Which HTTP statuses it is about; null when it is about another thing.</summary>
    public StatusRule? Status => StatusRule.TryParse(Metric, out StatusRule? rule) ? rule : null;

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <summary>The option of the conditions that are asked for at the end.</summary>
    public static Option<FailCondition[]> CreateOption() => CreateOption(
        "--fail-if",
        "Fail with exit code 10 when this holds; may be given more than once: "
        + "p99>5ms, service-p99.9>1ms, max>1s, rps<10k, mbit-received<900, errors>0, errors>1%, late>5%, unsent>0, status!=200>0");

    /// <summary>An option that takes any number of conditions.</summary>
    public static Option<FailCondition[]> CreateOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "condition",
        DefaultValueFactory = _ => [],
        CustomParser = r => [.. r.Tokens.Select(t => ParseOne(r, name, t.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>
    /// Parses a condition: name, comparison, number; a latency with its unit (5ms), other numbers without (10k), a share with a % (1%).
    /// </summary>
    public static bool TryParse(string text, out FailCondition condition) => TryParse("--fail-if", text, out condition);

    private static bool TryParse(string option, string text, out FailCondition condition)
    {
        condition = null!;
        Match match = Pattern().Match(text);
        if (!match.Success) return false;
        string metric = match.Groups["metric"].Value;
        // "5 ms" as well as "5ms".
        string limit = match.Groups["limit"].Value.Replace(" ", string.Empty, StringComparison.Ordinal);
        double value = 0;
        // "status>=400" alone: one such response is enough.
        bool isShare = limit.EndsWith('%');
        bool isValue = isShare ? match.Groups["count"].Success && TryShare(limit[..^1].TrimEnd(), out value)
            : limit.Length == 0 ? match.Groups["status"].Success
            : match.Groups["time"].Success ? Quantity.TryParseTime(limit, out value)
            : TryNumber(limit, out value);
        if (!isValue) return false;
        if (match.Groups["percent"] is { Success: true } p
            && double.Parse(p.Value, CultureInfo.InvariantCulture) is <= 0 or > 100)
            return false;
        condition = new FailCondition(option, text, metric, limit.Length == 0 ? ">" : match.Groups["operator"].Value, value)
        {
            IsShare = isShare,
        };
        return true;
    }

    /// <summary>Refuses conditions on HTTP statuses where there are none.</summary>
    /// <exception cref="CommandException">There is one.</exception>
    public static void RefuseStatus(IEnumerable<FailCondition> conditions)
    {
        if (conditions.FirstOrDefault(c => c.Status is not null) is { } condition)
        {
            throw new CommandException(
                ExitCode.Usage, $"{condition._option} {condition}: an echo has no status. Name a URL: https://host:port/path.");
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
        if (metric.Value is not { } value || (IsShare && metric.Of is not > 0))
            return new ConditionResult(_text, null, null) { Option = _option, Undecided = incomplete ?? "nothing was measured" };
        double actual = IsShare ? 100 * value / metric.Of!.Value : value;
        bool met = _operator switch
        {
            ">" => actual > _limit,
            ">=" => actual >= _limit,
            "<" => actual < _limit,
            _ => actual <= _limit,
        };
        bool isTime = Metric.Contains("max", StringComparison.Ordinal) || Percent(Metric) is not null;
        string text = IsShare ? $"{Quantity.Number(actual)} % ({Quantity.Number(value)} of {Quantity.Number(metric.Of!.Value)})"
            : isTime ? Quantity.Time(actual)
            : Quantity.Number(actual);
        return met || incomplete is null
            ? new ConditionResult(_text, text, met) { Option = _option }
            : new ConditionResult(_text, text, null) { Option = _option, Undecided = incomplete };
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

    private static bool TryShare(string word, out double percent)
    {
        const double all = 100;
        return TryNumber(word, out percent) && percent <= all;
    }

    private CommandException Unknown() => new(ExitCode.Usage, $"{_option} {_text}: this run has no '{Metric}'.");

    private static FailCondition ParseOne(ArgumentResult result, string option, string word)
    {
        if (TryParse(option, word, out FailCondition condition)) return condition;
        bool isOfNothing = Pattern().Match(word) is { Success: true } match
            && match.Groups["limit"].Value.EndsWith('%') && !match.Groups["count"].Success;
        result.AddError(
            isOfNothing
                ? $"{option} takes a share (%) of errors, mismatches, unanswered, late, unsent and statuses, not '{word}'"
                : $"{option} takes a condition such as 'p99>5ms', 'rps<10000', 'errors>0' or 'late>5%', not '{word}'");
        return null!;
    }

    [GeneratedRegex(
        @"^\s*(?<metric>(?<time>(service-|corrected-|resumed-|full-)?(p(?<percent>\d+(\.\d+)?)|max))"
        + @"|(?<count>(?<status>status(!=|<=|>=|<|>|=)[1-5]\d{2})|errors|mismatches|unanswered|late|unsent)|rps|mbit-sent|mbit-received)"
        + @"(\s*(?<operator><=|>=|<|>)\s*(?<limit>\d+(\.\d+)?(\w*|\s*%|\s+[a-z\u00b5\u03bc]+)))?\s*$")]
    private static partial Regex Pattern();
}
