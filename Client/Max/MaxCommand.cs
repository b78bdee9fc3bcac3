using System.CommandLine;
using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Client.Run;
using RawEcho.Client.Targets;
using RawEcho.Client.Units;
using RawEcho.CommandLine;

namespace RawEcho.Client.Max;

/// <summary>The command "max".</summary>
internal static class MaxCommand
{
    private static readonly (string Option, double Percent)[] Limits =
        [("--p50", 50), ("--p75", 75), ("--p90", 90), ("--p95", 95), ("--p99", 99), ("--p99.9", 99.9), ("--p99.99", 99.99), ("--max", 100)];

    public static Command Create()
    {
        var command = new Command("max", "Find the highest rate that holds a latency: max --p99 5ms");
        OptionSet.Attach(command, Declare, settings => new MaxProgram(settings).RunAsync());
        return command;
    }

    private static Func<ParseResult, MaxSettings> Declare(OptionSet options)
    {
        (OptionReader<double?> Option, double Percent)[] limits = [.. Limits.Select(l => (options.Add(Limit(l.Option)), l.Percent))];
        var target = new TargetOptions(options);
        var load = new LoadOptions(options);
        var requests = new HttpLoadOptions(options, "GET, with --size POST");
        OptionReader<Written<TimeSpan>> duration = options.Add(Parsers.Time("--duration", "How long each run is", "3s"));
        OptionReader<Written<TimeSpan>> warmup = options.Add(Parsers.Time("--warmup", "Warm-up of each run, not measured", "1s"));
        OptionReader<Written<double>> from = options.Add(Rate("--from", "The first rate to try, messages a second", "1000"));
        OptionReader<Written<double>> to = options.Add(Rate("--to", "The highest rate to try", "1000000"));
        OptionReader<int> precision =
            options.Add(Parsers.Number("--precision", "Search until the answer is known to within so many percent", 5, 1, 50));
        OptionReader<int> confirm = options.Add(Parsers.Number("--confirm", "How often the answer has to hold", 3, 1, 100));
        OptionReader<bool> json = options.Add(OutputOptions.Json());
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        OptionReader<bool> quiet = options.Add(OutputOptions.Quiet());
        return parsed =>
        {
            TargetResult[] targets = [.. limits.Select(l => (Limit: l.Option.Read(parsed), l.Percent))
                .Where(l => l.Limit is not null).Select(l => new TargetResult(l.Percent, (long)l.Limit!.Value))];
            if (targets.Length == 0) throw new CommandException(ExitCode.Usage, "max needs a latency to hold, such as --p99 5ms.");
            (double first, double highest) = (from.Read(parsed).Value, to.Read(parsed).Value);
            if (first > highest) throw new CommandException(ExitCode.Usage, "--from is above --to.");
            TimeSpan time = duration.Read(parsed).Value;
            if (time == Timeout.InfiniteTimeSpan)
                throw new CommandException(ExitCode.Usage, "--duration takes a time such as 3s, not 'off'.");
            bool isQuiet = quiet.Read(parsed);
            HtmlReportWriter<MaxResult>? page = HtmlReportWriter.OfSearch(report.Read(parsed));
            page?.Check();
            TargetSettings servers = target.Load(parsed);
            LoadShape shape = load.Shape(parsed);
            return new MaxSettings
            {
                Session = new SessionSettings
                {
                    Targets = servers,
                    Http = requests.Read(parsed, servers, load.IsSizeGiven(parsed), shape.Depth),
                    Shape = shape with { Duration = time, Warmup = LoadOptions.OffIsZero(warmup.Read(parsed).Value) },
                    EchoTimeout = load.EchoTimeout(parsed),
                    FirstEchoTimeout = load.FirstEchoTimeout(parsed),
                    DrainTimeout = load.DrainTimeout(parsed),
                },
                Targets = targets,
                From = first,
                To = highest,
                Precision = precision.Read(parsed),
                Confirm = confirm.Read(parsed),
                Output = ResultOutput<MaxResult>.Open(json.Read(parsed), isQuiet, MaxText.Of, page),
                Quiet = isQuiet,
            };
        };
    }

    private static Option<Written<double>> Rate(string name, string description, string defaultText) =>
        Parsers.Value<double>(name, "number", description, defaultText, LoadOptions.TryRate, "a number such as 500 or 5k, above 0");

    private static Option<double?> Limit(string name) => new(name)
    {
        Description = $"The largest latency that is allowed for {(name == "--max" ? "any message" : $"the {name[3..]}th percentile")}, "
            + "counted from when each message was to be sent",
        HelpName = "time",
        CustomParser = r =>
            Parsers.Parse(r, Quantity.TryParseTime, out double limit, "a time with its unit, such as 5ms or 500us") ? limit : null,
    };
}
