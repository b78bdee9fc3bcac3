using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.Commands;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Events;
using RawEcho.Diagnostics.Sampling.Settings;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>A time as it was written, so that --help shows defaults in the words that the command line takes.</summary>
internal readonly record struct WrittenTime(TimeSpan Value, string Text)
{
    public override string ToString() => Text;
}

/// <summary>A set of events as it was written, for the same reason.</summary>
internal readonly record struct WrittenEvents(EventSet Value, string Text)
{
    public override string ToString() => Text;
}

/// <summary>The options that watch and record share.</summary>
internal sealed class SharedOptions
{
    private const double ShortestInterval = 0.1;
    private const double LongestInterval = 3600;
    private const double LongestDuration = 24 * 86400;

    public Argument<string[]> Processes { get; } = new("process")
    {
        Description = "PIDs, or names such as rawecho-server; "
            + "without any, one RawEcho server and one client of this user, those that are there or the first to come",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<WrittenTime> Interval { get; } = Time(
        "--interval", "Time between samples, 100ms to 1h", "1s", ShortestInterval, LongestInterval, mayBeOff: false);

    public Option<WrittenTime> Duration { get; } = Time(
        "--duration", "How long to go on; off until Ctrl-C, or until all have ended", "off",
        ShortestInterval, LongestDuration, mayBeOff: true);

    public Option<string[]> Groups { get; } = new("--group")
    {
        Description = $"Show only these groups of rows: {string.Join(", ", MetricGroup.All)}",
        HelpName = "group",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
        CustomParser = ParseGroups,
    };

    public Option<bool> All { get; } = new("--all")
    {
        Description = "Without a PID or name: every RawEcho process of every user, those that are there and those to come",
    };

    public Option<int> MaxSeries { get; } = new("--max-series")
    {
        Description = "Most time series that a process may publish to this program",
        HelpName = "number",
        DefaultValueFactory = _ => SamplingSettings.DefaultMaxTimeSeries,
        CustomParser = r => ParseCount(r, "--max-series"),
    };

    public Option<int> MaxHistograms { get; } = new("--max-histograms")
    {
        Description = "Most of these that may be of histograms, each with some kilobytes of the process",
        HelpName = "number",
        DefaultValueFactory = _ => SamplingSettings.DefaultMaxHistograms,
        CustomParser = r => ParseCount(r, "--max-histograms"),
    };

    public Option<WrittenEvents> Events { get; } = new("--events")
    {
        Description = "What to ask of the runtimes: gc, counters and meters, with commas between them; none for what the kernel knows",
        HelpName = "all|none|gc,counters,meters",
        DefaultValueFactory = _ => new(EventSet.All, "all"),
        CustomParser = ParseEvents,
    };

    public Option<RequestedSource[]> Meters { get; } = Sources(
        "--meter", "Show this meter too (System.Diagnostics.Metrics): NAME, or NAME[INSTRUMENT,...]; may be given several times");

    public Option<RequestedSource[]> Counters { get; } = Sources(
        "--counter", "Show the EventCounters of this event source too: NAME, or NAME[COUNTER,...]; may be given several times");

    public void AddTo(Command command)
    {
        EnvironmentDefault.Attach(Interval);
        EnvironmentDefault.Attach(Duration);
        EnvironmentDefault.Attach(Groups);
        EnvironmentDefault.Attach(Meters);
        EnvironmentDefault.Attach(Counters);
        EnvironmentDefault.Attach(Events);
        EnvironmentDefault.Attach(MaxSeries);
        EnvironmentDefault.Attach(MaxHistograms);
        command.Arguments.Add(Processes);
        Option[] options = [All, Interval, Duration, Groups, Events, Meters, Counters, MaxSeries, MaxHistograms];
        foreach (Option option in options) command.Options.Add(option);
    }

    /// <summary>Finds the processes to watch when none is named; null when some are.</summary>
    public RawEchoDiscovery? Discovery(ParseResult parsed)
    {
        bool isNamed = parsed.GetValue(Processes) is { Length: > 0 };
        if (isNamed && parsed.GetValue(All))
            throw new DiagnosticsException(CommonExitCode.Usage, "--all is for watching without a PID or name. Try --help.");
        return isNamed ? null : new RawEchoDiscovery(parsed.GetValue(All));
    }

    /// <exception cref="DiagnosticsException">What is named is not among what is to be asked for.</exception>
    public SamplingSettings Sampling(ParseResult parsed)
    {
        var settings = new SamplingSettings(parsed.GetValue(Interval).Value, parsed.GetValue(MaxSeries))
        {
            MaxHistograms = parsed.GetValue(MaxHistograms),
            Events = parsed.GetValue(Events).Value,
            Meters = parsed.GetValue(Meters) ?? [],
            Counters = parsed.GetValue(Counters) ?? [],
        };
        if (settings.Meters.Count > 0) Require(settings, EventSet.Meters, "--meter", "meters");
        if (settings.Counters.Count > 0) Require(settings, EventSet.Counters, "--counter", "counters");
        return settings;
    }

    /// <summary>The groups to show; all when none is named. A meter or a source of counters that is named is shown in any case.</summary>
    public IReadOnlySet<string> ShownGroups(ParseResult parsed)
    {
        if (parsed.GetValue(Groups) is not { Length: > 0 } named) return MetricGroup.All.ToHashSet();
        HashSet<string> shown = [.. named];
        if (parsed.GetValue(Meters) is { Length: > 0 }) shown.Add(MetricGroup.Meters);
        if (parsed.GetValue(Counters) is { Length: > 0 }) shown.Add(MetricGroup.Counters);
        return shown;
    }

    /// <summary>Says that a command was interrupted before it was over.</summary>
    /// <returns>The exit code for that.</returns>
    public static async Task<int> SayInterruptedAsync()
    {
        await Console.Error.WriteLineAsync($"{DiagnosticsCommand.Name}: interrupted before its time was over.");
        return CommonExitCode.Interrupted;
    }

    private static void Require(SamplingSettings settings, EventSet events, string option, string word)
    {
        if (settings.Events.HasFlag(events)) return;
        throw new DiagnosticsException(CommonExitCode.Usage, $"{option} needs '{word}' in --events, which leaves it out. Try --help.");
    }

    private static WrittenEvents ParseEvents(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        EventSet events = EventSet.None;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            EventSet? one = word.ToLowerInvariant() switch
            {
                "gc" => EventSet.Gc,
                "counters" => EventSet.Counters,
                "meters" => EventSet.Meters,
                "all" when word.Length == text.Length => EventSet.All,
                "none" when word.Length == text.Length => EventSet.None,
                _ => null,
            };
            if (one is null)
            {
                result.AddError($"--events takes all, none, or some of gc, counters and meters with commas between them, not '{text}'");
                return default;
            }

            events |= one.Value;
        }

        return new(events, text);
    }

    private static string[] ParseGroups(ArgumentResult result)
    {
        const StringSplitOptions trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        string[] words = [.. result.Tokens.SelectMany(t => t.Value.Split(',', trimmed))];
        string?[] groups = [.. words.Select(Find)];
        int unknown = Array.IndexOf(groups, null);
        if (unknown >= 0) result.AddError($"--group takes {string.Join(", ", MetricGroup.All)}, not '{words[unknown]}'");
        return [.. groups.OfType<string>()];

        static string? Find(string word) => MetricGroup.All.FirstOrDefault(g => string.Equals(g, word, StringComparison.OrdinalIgnoreCase));
    }

    private static Option<RequestedSource[]> Sources(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "name",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
        CustomParser = result => ParseSources(result, name),
    };

    private static RequestedSource[] ParseSources(ArgumentResult result, string option)
    {
        List<RequestedSource> all = [];
        foreach (string word in result.Tokens.Select(t => t.Value))
        {
            if (RequestedSource.TryParse(word) is not { } sources)
                result.AddError($"{option} takes NAME, NAME[PART,PART] or NAME\\PART, without '*', not '{word}'");
            else if (option == "--counter" && sources.Any(s => s.IsNamed(SessionProviders.Metrics)))
                result.AddError($"--counter takes a source of EventCounters, not '{word}': for meters there is --meter");
            else
                all.AddRange(sources);
        }

        return [.. all];
    }

    private static int ParseCount(ArgumentResult result, string option)
    {
        const int most = 100_000;
        string word = result.Tokens[^1].Value;
        if (NumberText.TryWhole(word, out long value) && value is > 0 and <= most) return (int)value;
        result.AddError($"{option} takes a whole number from 1 to {most}, not '{word}'");
        return 0;
    }

    private static Option<WrittenTime> Time(
        string name, string description, string defaultText, double min, double max, bool mayBeOff) =>
        new(name)
        {
            Description = description,
            HelpName = "time",
            DefaultValueFactory = _ => new(TryTime(defaultText, out TimeSpan time) ? time : Timeout.InfiniteTimeSpan, defaultText),
            CustomParser = result =>
            {
                string word = result.Tokens[^1].Value;
                if (mayBeOff && word == "off") return new(Timeout.InfiniteTimeSpan, word);
                if (TryTime(word, out TimeSpan time) && time.TotalSeconds >= min && time.TotalSeconds <= max) return new(time, word);
                result.AddError($"{name} takes a time such as 500ms, 1s or 1m30s{(mayBeOff ? ", or off" : string.Empty)}, not '{word}'");
                return default;
            },
        };

    private static bool TryTime(string text, out TimeSpan time)
    {
        const decimal nanosecondsPerTick = 100;
        bool isTime = TimeText.TryParseOrSeconds(text, out decimal nanoseconds) && nanoseconds <= (decimal)LongestDuration * 1e9m;
        time = isTime ? TimeSpan.FromTicks((long)(nanoseconds / nanosecondsPerTick)) : Timeout.InfiniteTimeSpan;
        return isTime;
    }
}
