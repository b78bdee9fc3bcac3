using System.CommandLine;
using RawEcho.Client.Output;
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
        var target = new TargetOptions();
        var load = new LoadOptions();
        (Option<double?> Option, double Percent)[] limits = [.. Limits.Select(l => (Limit(l.Option), l.Percent))];
        Option<Written<TimeSpan>> duration = Parsers.Time("--duration", "How long each run is", "3s");
        Option<Written<TimeSpan>> warmup = Parsers.Time("--warmup", "Warm-up of each run, not measured", "1s");
        Option<Written<double>> from = Parsers.Value<double>("--from", "number", "The first rate to try, messages a second", "1000", RunCommand.TryRate, "a number above 0");
        Option<Written<double>> to = Parsers.Value<double>("--to", "number", "The highest rate to try", "1000000", RunCommand.TryRate, "a number above 0");
        Option<int> precision = Parsers.Number("--precision", "Search until the answer is known to within so many percent", 5, 1, 50);
        Option<int> confirm = Parsers.Number("--confirm", "How often the answer has to hold", 3, 1, 100);
        var json = new Option<bool>("--json") { Description = "Write the results as JSON (docs/result.schema.json) to standard output, and nothing else" };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing but the results" };

        foreach ((Option<double?> option, _) in limits) command.Options.Add(option);
        target.AddTo(command);
        load.AddTo(command);
        foreach (Option option in new Option[] { duration, warmup, from, to, precision, confirm, json, quiet }) command.Options.Add(option);
        command.SetAction((parsed, _) =>
        {
            TargetResult[] targets = [.. limits.Where(l => parsed.GetValue(l.Option) is not null)
                .Select(l => new TargetResult(l.Percent, (long)parsed.GetValue(l.Option)!.Value))];
            if (targets.Length == 0) throw new CommandException(ExitCode.Usage, "max needs a latency to hold, such as --p99 5ms.");
            if (parsed.GetValue(from).Value > parsed.GetValue(to).Value) throw new CommandException(ExitCode.Usage, "--from is above --to.");
            TimeSpan time = parsed.GetValue(duration).Value;
            if (time == Timeout.InfiniteTimeSpan) throw new CommandException(ExitCode.Usage, "--duration takes a time such as 3s, not 'off'.");
            return new MaxProgram(new MaxSettings
            {
                Session = new SessionSettings
                {
                    Targets = target.Load(parsed),
                    Shape = load.Shape(parsed) with { Duration = time, Warmup = RunCommand.OffIsZero(parsed.GetValue(warmup).Value) },
                    EchoTimeout = load.EchoTimeout(parsed),
                    DrainTimeout = load.DrainTimeout(parsed),
                },
                Targets = targets,
                From = parsed.GetValue(from).Value,
                To = parsed.GetValue(to).Value,
                Precision = parsed.GetValue(precision),
                Confirm = parsed.GetValue(confirm),
                Output = ResultOutput<MaxResult>.Open(parsed.GetValue(json), parsed.GetValue(quiet), MaxText.Of),
                Quiet = parsed.GetValue(quiet),
            }).RunAsync();
        });
        return command;
    }

    private static Option<double?> Limit(string name) => new(name)
    {
        Description = $"Latency that {(name == "--max" ? "no message" : $"the {name[3..]}th percentile")} may exceed, counted from when each message was to be sent",
        HelpName = "time",
        CustomParser = r => Parsers.Parse(r, Quantity.TryParseTime, out double limit, "a time with its unit, such as 5ms or 500us") ? limit : null,
    };
}
