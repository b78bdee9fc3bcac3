using System.CommandLine;
using RawEcho.Client.Http;
using RawEcho.Client.Output;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Client.Run;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Handshake;

/// <summary>The command "handshake".</summary>
internal static class HandshakeCommand
{
    private static readonly Dictionary<string, (bool Full, bool Resumed)> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["full"] = (true, false),
        ["resumed"] = (false, true),
        ["both"] = (true, true),
    };

    public static Command Create()
    {
        const string meaning =
            "Connect, shake hands, echo one byte (or send one request) and close, over and over; full and resumed handshakes apart";
        var command = new Command("handshake", meaning);
        OptionSet.Attach(command, Declare, settings => new HandshakeProgram(settings).RunAsync());
        return command;
    }

    private static Func<ParseResult, HandshakeSettings> Declare(OptionSet options)
    {
        var target = new TargetOptions(options);
        var requests = new RequestOptions(options, "1.1", "GET");
        OptionReader<int> clients = options.Add(Parsers.Number("--clients", "Handshakes under way at a time", 8, 1, 100_000));
        OptionReader<double?> rate = options.Add(new Option<double?>("--rate")
        {
            Description = "Handshakes a second, each begun at its own time (open loop), at most --clients of them under way; "
                + "without it one after the other on each of --clients",
            HelpName = "number",
            CustomParser = r => LoadOptions.ParseRate(r),
        });
        const string kinds = "full: a new session each time; resumed: the session of the first; both: one after the other";
        OptionReader<Written<(bool Full, bool Resumed)>> sessions = options.Add(Parsers.Value<(bool Full, bool Resumed)>(
            "--sessions", "full|resumed|both", kinds, "both", Kinds.TryGetValue, "full, resumed or both"));
        OptionReader<TimeSpan?> duration = options.Add(new Option<TimeSpan?>("--duration")
        {
            Description = "How long to shake hands, for each kind; default 5s unless --count is given",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, Parsers.TryPositiveTime, out TimeSpan time, "a time such as 10s or 1m30s") ? time : null,
        });
        OptionReader<long?> count = options.Add(new Option<long?>("--count")
        {
            Description = "How many handshakes, for each kind, instead of --duration",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, Parsers.TryCount, out long number, "a whole number from 1") ? number : null,
        });
        OptionReader<Written<TimeSpan>> echo =
            options.Add(Parsers.Time("--echo-timeout", "How long the echo of the one byte, or the response, may take", "10s"));
        Option<FailCondition[]> conditions = FailCondition.CreateOption();
        conditions.Description =
            "Fail with exit code 10 when this holds; may be given more than once: "
            + "p99>50ms, resumed-p99>10ms, rps<500, errors>0; with --rate also corrected-p99>100ms, late>5%, unsent>0";
        OptionReader<FailCondition[]> failIf = options.Add(conditions);
        OptionReader<bool> json = options.Add(OutputOptions.Json());
        OptionReader<string?> report = options.Add(HtmlReportWriter.CreateOption());
        OptionReader<bool> quiet = options.Add(OutputOptions.Quiet());
        return parsed =>
        {
            (bool isTimed, bool isCounted) = OneOfTwo.That(parsed, duration, count);
            TimeSpan? time = duration.Read(parsed) is { } d && isTimed ? d : null;
            long? number = count.Read(parsed) is { } n && isCounted ? n : null;
            if (time is not null && number is not null)
                throw new CommandException(ExitCode.Usage, "--duration and --count: choose one of the two.");
            HtmlReportWriter<HandshakeResult>? page = HtmlReportWriter.OfHandshakes(report.Read(parsed));
            page?.Check();
            TargetSettings targets = target.Load(parsed);
            if (targets.Tls.Level == TlsLevel.None)
            {
                string what = targets.Urls.Count > 0 ? "http://" : "--tls none";
                throw new CommandException(ExitCode.Usage, $"{what}: there is no handshake without TLS.");
            }

            RequestTemplate? request = Request(parsed, targets, requests);
            FailCondition[] failures = failIf.Read(parsed);
            if (request is null) FailCondition.RefuseStatus(failures);
            (bool full, bool resumed) = sessions.Read(parsed).Value;
            double? perSecond = rate.Read(parsed);
            FailCondition.RefuseUnknown(failures, metric => HandshakeMetrics.IsMeasured(metric, full, resumed, perSecond is not null));
            string name = targets.ServerName ?? targets.Servers[0].Host;
            bool isQuiet = quiet.Read(parsed);
            return new HandshakeSettings
            {
                Targets = targets,
                Request = request,
                Clients = clients.Read(parsed),
                Rate = perSecond,
                Duration = number is null ? time ?? TimeSpan.FromSeconds(5) : null,
                Count = number,
                Full = full,
                Resumed = resumed,
                EchoTimeout = echo.Read(parsed).Value,
                Conditions = failures,
                Output = ResultOutput<HandshakeResult>.Open(json.Read(parsed), isQuiet, r => HandshakeText.Of(r, name), page),
                Quiet = isQuiet,
            };
        };
    }

    private static RequestTemplate? Request(ParseResult parsed, TargetSettings targets, RequestOptions requests)
    {
        if (targets.Urls.Count > 0) return requests.Read(parsed, hasBody: false, HttpChoice.Http11) with { CloseAfterwards = true };
        RequestOptions.Refuse([.. requests.Given(parsed)]);
        return null;
    }
}
