using System.CommandLine;
using System.Globalization;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Run;

/// <summary>The command "run", which is also what the program does without a command.</summary>
internal static class RunCommand
{
    private const double MaxRate = 10_000_000;

    public static Command Create()
    {
        var command = new Command("run", "Load an echo server and verify every byte (the default command)");
        AddTo(command);
        return command;
    }

    /// <summary>Gives a command all options and the action of "run".</summary>
    public static void AddTo(Command command)
    {
        var target = new TargetOptions();
        var load = new LoadOptions();
        var rate = new Option<double?>("--rate")
        {
            Description = "Messages a second over all connections, each at its own time (open loop); without it as many as the server answers",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, TryRate, out double value, $"a number above 0 and up to {MaxRate:0}") ? value : null,
        };
        var duration = new Option<TimeSpan?>("--duration")
        {
            Description = "How long to measure (10s, 2m); default 10s unless --messages is given",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, Parsers.TryPositiveTime, out TimeSpan time, "a time such as 10s or 2m") ? time : null,
        };
        var messages = new Option<long?>("--messages")
        {
            Description = "How many messages to measure, over all clients, instead of --duration",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, Parsers.TryCount, out long count, "a whole number from 1") ? count : null,
        };
        Option<Written<TimeSpan>> ramp = Parsers.Time("--ramp", "Let the load grow over so long, before --warmup; not measured", "off");
        Option<Written<TimeSpan>> warmup = Parsers.Time("--warmup", "Run the full load for so long before measuring begins", "off");
        var reconnect = new Option<bool>("--reconnect") { Description = "Count a lost connection and replace it, instead of failing by it" };
        Option<FailCondition[]> failIf = FailCondition.CreateOption();
        var json = new Option<bool>("--json") { Description = "Write the results as JSON (docs/result.schema.json) to standard output, and nothing else" };
        Option<string?> report = HtmlReportWriter.CreateOption();
        var wait = new Option<bool>("--wait") { Description = "Connect all, then start at a key press (or a line on standard input)" };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing but the results" };
        var verbose = new Option<bool>("--verbose") { Description = "Describe every connection in full" };

        target.AddTo(command);
        load.AddTo(command);
        foreach (Option option in new Option[] { rate, duration, messages, ramp, warmup, reconnect, failIf, json, report, wait, quiet, verbose }) command.Options.Add(option);
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(quiet) && parsed.GetValue(verbose)) throw new CommandException(ExitCode.Usage, "--quiet and --verbose: choose one of the two.");
            long? count = parsed.GetValue(messages);
            if (parsed.GetValue(duration) is not null && count is not null)
                throw new CommandException(ExitCode.Usage, "--duration and --messages: choose one of the two.");
            HtmlReportWriter? page = HtmlReportWriter.To(parsed.GetValue(report));
            page?.Check();
            var settings = new RunSettings
            {
                Session = new SessionSettings
                {
                    Targets = target.Load(parsed),
                    Shape = load.Shape(parsed) with
                    {
                        Duration = count is null ? parsed.GetValue(duration) ?? TimeSpan.FromSeconds(10) : null,
                        Messages = count,
                        Rate = parsed.GetValue(rate),
                        Ramp = OffIsZero(parsed.GetValue(ramp).Value),
                        Warmup = OffIsZero(parsed.GetValue(warmup).Value),
                    },
                    EchoTimeout = load.EchoTimeout(parsed),
                    DrainTimeout = load.DrainTimeout(parsed),
                    Reconnect = parsed.GetValue(reconnect),
                    DescribeAll = parsed.GetValue(verbose),
                },
                Conditions = parsed.GetValue(failIf) ?? [],
                Output = ResultOutput<RunResult>.Open(parsed.GetValue(json), parsed.GetValue(quiet), RunText.Of, page),
                Wait = parsed.GetValue(wait),
                Quiet = parsed.GetValue(quiet),
            };
            return new RunProgram(settings).RunAsync();
        });
    }

    /// <summary>A time that is no limit: "off" is none at all.</summary>
    public static TimeSpan OffIsZero(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : time;

    /// <summary>Parses messages a second.</summary>
    public static bool TryRate(string word, out double rate) =>
        double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out rate) && rate is > 0 and <= MaxRate;
}

/// <summary>What the command line of "run" came to.</summary>
internal sealed record RunSettings
{
    public required SessionSettings Session { get; init; }

    public required IReadOnlyList<FailCondition> Conditions { get; init; }

    public required ResultOutput<RunResult> Output { get; init; }

    /// <summary>Connect all, then start at a key press.</summary>
    public required bool Wait { get; init; }

    public required bool Quiet { get; init; }
}
