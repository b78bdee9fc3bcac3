using System.Net;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Terminal;

namespace RawEcho.Client.Handshake;

/// <summary>"handshake" as the user sees it.</summary>
internal sealed class HandshakeProgram(HandshakeSettings settings)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly StatusLine _status = new(settings.Quiet);
    private readonly FailureList _failures = new();

    // Each handshake leaves its port to rest for a while (TIME_WAIT), so where their number is known it counts.
    private double PortsNeeded => Math.Max(
        settings.Clients,
        (settings.Count ?? (settings.Rate * settings.Duration?.TotalSeconds) ?? 0) * (settings is { Full: true, Resumed: true } ? 2 : 1));

    public async Task<int> RunAsync()
    {
        foreach (Note note in settings.Targets.Tls.Notes.Where(_ => !settings.Quiet))
            await Console.Error.WriteLineAsync(note.ToString());
        using var stop = new StopSignal();
        IReadOnlyList<Target> targets = await settings.Targets.ResolveAsync(stop.Token);
        int ports = (int)Math.Min(PortsNeeded, int.MaxValue);
        IReadOnlyList<IPAddress> sources = SourceAddresses.Choose(settings.Targets.Sources, targets, ports);
        // Two for each client: a new connection may begin while the one before is still closing.
        int connections = (2 * settings.Clients) + targets.Count;
        EngineProcess.Configure(new EngineProcessOptions { EventLoops = settings.Targets.Loops });
        await using var client = new EngineClient(tls: null, new EngineOptions
        {
            MaxConnections = connections,
            ConnectTimeout = settings.Targets.ConnectTimeout,
            IdleTimeout = Timeout.InfiniteTimeSpan,
        });

        DescriptorRoom.Check(client, connections, settings.Clients);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        HandshakePhase? full = settings.Full ? new(client, settings, targets, sources, resume: false, _failures) : null;
        HandshakePhase? resumed = settings.Resumed ? new(client, settings, targets, sources, resume: true, _failures) : null;
        var unreachable = new UnreachableNotes(targets, settings.Output.Talk);
        if (full is not null) await ShowAsync(full, "full", stop.Asked);
        if (resumed is not null && _failures.Count == 0 && !stop.Asked.IsCompleted) await ShowAsync(resumed, "resumed", stop.Asked);
        _status.Clear();
        unreachable.TellNew();

        return settings.Output.Write(Build(started, targets, stop.Asked.IsCompleted, full, resumed));
    }

    private async Task ShowAsync(HandshakePhase phase, string kind, Task stop)
    {
        Task running = phase.RunAsync(stop);
        long before = 0;
        while (await Task.WhenAny(running, Task.Delay(Tick)) != running)
        {
            long now = phase.Done;
            string progress = FormattableString.Invariant(
                $"{phase.Elapsed.TotalSeconds:0} s: {now:N0} {kind} handshakes, {now - before:N0} in the last second");
            _status.Show($"{progress}, {Quantity.Count(_failures.Count, "failure")}", _failures.Count > 0);
            before = now;
        }

        await running;
    }

    private HandshakeResult Build(
        DateTimeOffset started, IReadOnlyList<Target> targets, bool interrupted, HandshakePhase? full, HandshakePhase? resumed)
    {
        var result = new HandshakeResult
        {
            StartedAt = started,
            Machine = MachineResult.Here(),
            Servers = ServerResult.Of(targets),
            Tls = settings.Targets.Tls.Level.ToString().ToLowerInvariant(),
            Negotiated = full?.Negotiated ?? resumed?.Negotiated,
            Clients = settings.Clients,
            Rate = settings.Rate,
            Interrupted = interrupted,
            Full = full?.ToResult(),
            Resumed = resumed?.ToResult(),
            Errors = _failures.ToResults(),
            Conditions = [],
            ExitCode = Verdict.ExitCodeOf(_failures, interrupted),
        };
        ConditionResult[] conditions =
            [.. settings.Conditions.Select(c => c.Evaluate(m => HandshakeMetrics.Find(result, m), result.Incomplete()))];
        return result with { Conditions = conditions, ExitCode = Verdict.ExitCodeOf(result.ExitCode, conditions) };
    }
}
