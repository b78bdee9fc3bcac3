using System.CommandLine;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
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
        var command = new Command("handshake", "Connect, shake hands, echo one byte and close, over and over; full and resumed handshakes apart");
        var target = new TargetOptions();
        Option<int> clients = Parsers.Number("--clients", "Handshakes under way at a time", 8, 1, 100_000);
        Option<Written<(bool Full, bool Resumed)>> sessions = Parsers.Value<(bool Full, bool Resumed)>(
            "--sessions", "full|resumed|both", "full: a new session each time; resumed: the session of the first; both: one after the other", "both", Kinds.TryGetValue, "full, resumed or both");
        var duration = new Option<TimeSpan?>("--duration")
        {
            Description = "How long to shake hands, for each kind; default 5s unless --count is given",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(r, Parsers.TryPositiveTime, out TimeSpan time, "a time such as 10s or 2m") ? time : null,
        };
        var count = new Option<long?>("--count")
        {
            Description = "How many handshakes, for each kind, instead of --duration",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, Parsers.TryCount, out long number, "a whole number from 1") ? number : null,
        };
        Option<Written<TimeSpan>> echo = Parsers.Time("--echo-timeout", "How long the echo of the one byte may take", "10s");
        Option<FailCondition[]> failIf = FailCondition.CreateOption();
        failIf.Description = "Fail with exit code 10 when this holds; may be given more than once: p99>50ms, resumed-p99>10ms, rps<500, errors>0";
        var json = new Option<bool>("--json") { Description = "Write the results as JSON (docs/result.schema.json) to standard output, and nothing else" };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing but the results" };

        target.AddTo(command);
        foreach (Option option in new Option[] { clients, sessions, duration, count, echo, failIf, json, quiet }) command.Options.Add(option);
        command.SetAction((parsed, _) =>
        {
            long? number = parsed.GetValue(count);
            if (parsed.GetValue(duration) is not null && number is not null) throw new CommandException(ExitCode.Usage, "--duration and --count: choose one of the two.");
            TargetSettings targets = target.Load(parsed);
            if (targets.Tls.Level == TlsLevel.None) throw new CommandException(ExitCode.Usage, "--tls none: there is no handshake without TLS.");
            string name = targets.ServerName ?? targets.Servers[0].Host;
            (bool full, bool resumed) = parsed.GetValue(sessions).Value;
            return new HandshakeProgram(new HandshakeSettings
            {
                Targets = targets,
                Clients = parsed.GetValue(clients),
                Duration = number is null ? parsed.GetValue(duration) ?? TimeSpan.FromSeconds(5) : null,
                Count = number,
                Full = full,
                Resumed = resumed,
                EchoTimeout = parsed.GetValue(echo).Value,
                Conditions = parsed.GetValue(failIf) ?? [],
                Output = ResultOutput<HandshakeResult>.Open(parsed.GetValue(json), parsed.GetValue(quiet), r => HandshakeText.Of(r, name)),
                Quiet = parsed.GetValue(quiet),
            }).RunAsync();
        });
        return command;
    }
}
