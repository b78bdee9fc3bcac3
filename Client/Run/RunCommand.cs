using System.CommandLine;
using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Client.Statistics;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Streams;

namespace RawEcho.Client.Run;

/// <summary>The command "run", which is also what the program does without a command.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        const string meaning =
            "Load an echo server, or a web server with requests, and verify what comes back (the default command)";
        var command = new Command("run", meaning);
        Attach(command, hasCommand: true);
        return command;
    }

    /// <summary>Makes the program do this without a command.</summary>
    public static void AddTo(RootCommand root) => Attach(root, hasCommand: false);

    private static void Attach(Command command, bool hasCommand) =>
        OptionSet.Attach(command, options => Declare(options, hasCommand), settings => new RunProgram(settings).RunAsync());

    private static Func<ParseResult, RunSettings> Declare(OptionSet options, bool hasCommand)
    {
        var target = new TargetOptions(options, hasCommand);
        var load = new LoadOptions(options);
        var requests = new HttpLoadOptions(options, "GET, with --size POST");
        var mode = new ModeOption(options);
        var pace = new PaceOptions(options);
        OptionReader<TimeSpan?> duration = options.Add(new Option<TimeSpan?>("--duration")
        {
            Description = "How long to measure (10s, 2m); default 10s unless --messages is given",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, Parsers.TryPositiveTime, out TimeSpan time, "a time such as 10s or 1m30s") ? time : null,
        });
        OptionReader<long?> messages = options.Add(new Option<long?>("--messages")
        {
            Description = "How many messages to measure, over all clients, instead of --duration",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, Parsers.TryCount, out long count, "a whole number from 1") ? count : null,
        });
        OptionReader<Written<TimeSpan>> ramp =
            options.Add(Parsers.Time("--ramp", "Let the load grow over so long, before --warmup; not measured", "off"));
        OptionReader<Written<TimeSpan>> warmup =
            options.Add(Parsers.Time("--warmup", "Run the full load for so long before measuring begins", "off"));
        var fleet = new FleetOptions(options);
        OptionReader<bool> reconnect = options.Add(new Option<bool>("--reconnect")
        {
            Description = "Count a lost connection and replace it, instead of failing by it",
        });
        OptionReader<TimeSpan?> interval = options.Add(new Option<TimeSpan?>("--interval")
        {
            Description = "Write a line for each such time (bytes, bit rates, round trips), and make the steps of the results as long",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, TryInterval, out TimeSpan time, "a time from 100ms, such as 500ms or 1s") ? time : null,
        });
        OptionReader<FailCondition[]> failIf = options.Add(FailCondition.CreateOption());
        OptionReader<FailCondition[]> abortIf = options.Add(FailCondition.CreateOption(
            "--abort-if",
            "End the run with exit code 10 at the first second of the measurement at which this holds of what was measured by then; "
            + "the conditions of --fail-if, and more than once like that"));
        OptionReader<bool> json = options.Add(OutputOptions.Json());
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        OptionReader<string?> hdrLog = options.Add(HdrLogWriter.CreateOption());
        OptionReader<string?> jsonLines = options.Add(RunLinesWriter.CreateOption());
        OptionReader<int> repeat = options.Add(Parsers.Number(
            "--repeat", "Runs of this load, one after the other: the results are medians and ranges, and --fail-if is about the medians",
            1, 1, MannWhitney.Most));
        OptionReader<bool> wait = options.Add(new Option<bool>("--wait")
        {
            Description = "Connect all, then start at a key press (or a line on standard input)",
        });
        OptionReader<bool> quiet = options.Add(OutputOptions.Quiet());
        OptionReader<bool> verbose = options.Add(new Option<bool>("--verbose") { Description = "Describe every connection in full" });
        return parsed =>
        {
            (bool isQuiet, bool isVerbose) = OneOfTwo.ReadSwitches(parsed, quiet, verbose);
            if (isQuiet && isVerbose) throw new CommandException(ExitCode.Usage, "--quiet and --verbose: choose one of the two.");
            (bool isTimed, bool isCounted) = OneOfTwo.That(parsed, duration, messages);
            TimeSpan? time = duration.Read(parsed) is { } d && isTimed ? d : null;
            long? count = messages.Read(parsed) is { } m && isCounted ? m : null;
            if (time is not null && count is not null)
                throw new CommandException(ExitCode.Usage, "--duration and --messages: choose one of the two.");
            var intervals = new IntervalLog();
            HdrLogWriter? histograms = HdrLogWriter.To(hdrLog.Read(parsed), intervals);
            int runs = repeat.Read(parsed);
            RunOutput output = RunOutput.Open(
                json.Read(parsed), isQuiet, runs > 1, report.Read(parsed), histograms, RunLinesWriter.To(jsonLines.Read(parsed)));
            TargetSettings targets = target.Load(parsed);
            LoadShape shape = load.Shape(parsed);
            (FailCondition[] conditions, FailCondition[] aborts) = (failIf.Read(parsed), abortIf.Read(parsed));
            FailCondition[] all = [.. conditions, .. aborts];
            HttpShape? http = requests.Read(parsed, targets, load.IsSizeGiven(parsed), shape.Depth);
            if (http is null) FailCondition.RefuseStatus(all);
            (string Name, bool IsGiven)[] ofMessages = [("--messages", count is not null), ("--hdr-log", histograms is not null)];
            StreamMode streams = mode.Read(
                parsed, targets,
                [
                    .. load.GivenForMessages(parsed), .. pace.GivenForMessages(parsed),
                    .. ofMessages.Where(o => o.IsGiven).Select(o => o.Name),
                ]);
            shape = pace.Read(
                parsed,
                shape with
                {
                    Duration = count is null ? time ?? TimeSpan.FromSeconds(10) : null,
                    Messages = count,
                    Ramp = LoadOptions.OffIsZero(ramp.Read(parsed).Value),
                    Warmup = LoadOptions.OffIsZero(warmup.Read(parsed).Value),
                },
                ("--duration", duration.IsGiven(parsed.CommandResult)),
                ("--messages", messages.IsGiven(parsed.CommandResult)),
                ("--ramp", ramp.IsGiven(parsed.CommandResult)));
            if (shape.MessagesPerConnection is not null && http is { KeepAlive: false })
                throw new CommandException(ExitCode.Usage, "--messages-per-connection and --no-keep-alive: choose one of the two.");
            FailCondition.RefuseUnknown(all, metric => RunMetrics.IsMeasured(metric, shape.IsOpen, streams != StreamMode.Echo));
            bool waits = wait.Read(parsed);
            StartPlan? start = fleet.ReadStart(parsed, ("--wait", waits), ("--repeat", runs > 1));
            shape = fleet.ReadShare(parsed, shape, start, load.IsSeedGiven(parsed));
            TimeSpan? step = interval.Read(parsed);
            return new RunSettings
            {
                Session = new SessionSettings
                {
                    Targets = targets with { Sources = FleetOptions.SourcesOf(shape.Fleet, targets.Sources) },
                    Http = http,
                    Mode = streams,
                    Step = step ?? TimeSpan.FromSeconds(1),
                    Shape = shape,
                    FullHandshakes = pace.FullHandshakes(parsed, targets.Tls.Level),
                    EchoTimeout = load.EchoTimeout(parsed),
                    FirstEchoTimeout = load.FirstEchoTimeout(parsed),
                    DrainTimeout = load.DrainTimeout(parsed),
                    Intervals = histograms is null ? null : intervals,
                    Reconnect = reconnect.Read(parsed),
                    DescribeAll = isVerbose,
                },
                Conditions = conditions,
                AbortConditions = aborts,
                Output = output,
                Repeat = runs,
                IsSeedGiven = load.IsSeedGiven(parsed),
                ShowIntervals = step is not null,
                Start = start,
                Wait = waits,
                Quiet = isQuiet,
            };
        };
    }

    private static bool TryInterval(string word, out TimeSpan time) =>
        Parsers.TryPositiveTime(word, out time) && time >= TimeSpan.FromMilliseconds(100);
}
