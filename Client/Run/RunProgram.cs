using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Streams;
using RawEcho.Terminal;

namespace RawEcho.Client.Run;

/// <summary>"run" as the user sees it: says what is connected to, shows how far the run is, and writes the results.</summary>
internal sealed class RunProgram(RunSettings settings)
{
    private readonly StatusLine _status = new(settings.Quiet || settings.ShowIntervals);
    private readonly IntervalText _intervals = new(settings.Session.Mode == StreamMode.Echo);
    private readonly TextWriter _talk = settings.Output.Talk;

    public async Task<int> RunAsync()
    {
        foreach (Note note in settings.Session.Targets.Tls.Notes.Where(_ => !settings.Quiet))
            await Console.Error.WriteLineAsync(note.ToString());
        using var stop = new StopSignal();
        using RunExport export = RunExport.StartIfAsked();
        AgreedStart? start = settings.Start is { } plan ? await AgreedStart.PrepareAsync(plan, stop.Token) : null;
        IReadOnlyList<Target> targets = await settings.Session.Targets.ResolveAsync(stop.Token);
        foreach (Target target in targets.Where(t => t.WasLookedUp))
            await _talk.WriteLineAsync($"Server {target} is {string.Join(", ", target.Addresses.All.Select(a => a.ToString()))}.");

        var unreachable = new UnreachableNotes(targets, _talk);
        if (settings.Repeat == 1)
            return settings.Output.Write(await LoadAsync(1, settings.Conditions, targets, unreachable, export, stop, start));
        // The conditions are those of the medians.
        var series = new RunSeries(settings.Repeat, settings.Conditions, _talk);
        return settings.Output.Write(
            await series.RunAsync(number => LoadAsync(number, [], targets, unreachable, export, stop), stop.Asked));
    }

    // One run, from its connections to its result. The number counts from 1.
    private async Task<RunResult> LoadAsync(
        int number,
        IReadOnlyList<FailCondition> conditions,
        IReadOnlyList<Target> targets,
        UnreachableNotes unreachable,
        RunExport export,
        StopSignal stop,
        AgreedStart? start = null)
    {
        if (start is not null)
        {
            await _talk.WriteLineAsync($"Start at {start.Text}, in {Quantity.Time(start.Left)}.");
            await start.WaitToConnectAsync(settings.Session.Shape.Clients, stop.Asked, () => ShowWait(start));
        }

        var lines = new RunLines(settings.Output.Lines, number);
        await using var session = new LoadSession(SessionOf(number), targets);
        var abort = new AbortWatch(session, settings.AbortConditions);
        lines.Begin(session);
        export.Begin(session);
        SecondResult? told = null;
        void Tell(SecondResult step, long connections)
        {
            // A step in which nothing has happened is the one before.
            if (ReferenceEquals(step, told)) return;
            told = step;
            lines.Add(session, step, connections);
            export.Add(session.StepLatencies);
        }

        string servers = string.Join(", ", targets);
        bool connected = await session.ConnectAsync(
            stop.Asked, () => _status.Show($"Connecting to {servers}: {session.Run.Ready} of {settings.Session.Shape.Clients}"));
        _status.Clear();
        unreachable.TellNew();
        if (connected)
        {
            if (number == 1)
            {
                DescribeConnections(session);
                await WaitForKeyAsync(session, stop);
            }

            if (start is null ? !stop.Asked.IsCompleted : await WaitForStartAsync(start, session, stop))
            {
                if (settings.ShowIntervals) _talk.WriteLine(_intervals.Head());
                await session.MeasureAsync(
                    Task.WhenAny(stop.Asked, abort.Met),
                    step =>
                    {
                        ShowProgress(session, step);
                        Tell(step, session.OpenConnections);
                    },
                    abort.Look,
                    start?.Due);
            }
        }

        bool interrupted = stop.Asked.IsCompleted;
        long connections = session.OpenConnections;
        await session.EndAsync(interrupted || abort.Result is not null);
        _status.Clear();
        if (settings.ShowIntervals && session.LastStep is { Seconds: > 0 } last) _talk.WriteLine(_intervals.Line(last));
        if (session.LastStep is { } step) Tell(step, connections);
        await export.EndAsync();
        unreachable.TellNew();
        RunResult result = ResultBuilder.Build(session, interrupted).Within(session.Settings.Shape, start);
        return Verdict.Evaluate(result, conditions, settings.AbortConditions, abort.Result);
    }

    private SessionSettings SessionOf(int number) => number == 1 || settings.IsSeedGiven
        ? settings.Session
        : settings.Session with { Shape = settings.Session.Shape with { Seed = LoadOptions.NewSeed() } };

    private void DescribeConnections(LoadSession session)
    {
        IEnumerable<ConnectionSlot> described = session.Settings.DescribeAll ? session.Slots : session.Slots.Take(1);
        foreach (ILoadClient client in described.Select(s => s.Client))
        {
            _talk.WriteLine($"Connected {client.Connection!.LocalEndPoint} to server {client.Connection.RemoteEndPoint}");
            if (client.Tls is not { } tls) continue;
            foreach (string line in session.Settings.DescribeAll ? ConnectionDescription.Lines(tls) : [ConnectionDescription.Line(tls)])
                _talk.WriteLine(line);
        }

        _talk.WriteLine($"{Quantity.Count(session.Slots.Count, "client")} connected.");
    }

    // A connection that is lost before the start is not made up for: the run does not come about, as if it had not connected.
    private async Task<bool> WaitForStartAsync(AgreedStart start, LoadSession session, StopSignal stop)
    {
        Task end = Task.WhenAny(session.AllEnded, session.Failures.First, stop.Asked);
        bool isTime = await start.WaitAsync(end, () => ShowWait(start));
        _status.Clear();
        if (!isTime) return false;
        LoadShape shape = session.Settings.Shape;
        if (start.Left + shape.Ramp + shape.Warmup + shape.Duration <= TimeSpan.Zero)
        {
            throw new CommandException(
                ExitCode.Fleet, $"--start-at {start.Text}: connecting took so long that the time to measure was over before it had begun.");
        }

        return true;
    }

    private void ShowWait(AgreedStart start) =>
        _status.Show(FormattableString.Invariant($"Start at {start.Text}, in {Math.Max(0, start.Left.TotalSeconds):0} s"));

    private async Task WaitForKeyAsync(LoadSession session, StopSignal stop)
    {
        if (!settings.Wait) return;
        string clients = Quantity.Count(session.Slots.Count, "client");
        await settings.Output.Prompt.WriteLineAsync($"{clients} connected. Press any key to start sending and receiving.");
        using var cancel = new CancellationTokenSource();
        Task pressed = KeyPress.Possible ? KeyPress.WaitAsync(cancel.Token) : Task.Run(Console.In.ReadLine);
        await Task.WhenAny(pressed, session.AllEnded, session.Failures.First, stop.Asked);
        await cancel.CancelAsync();
    }

    private void ShowProgress(LoadSession session, SecondResult step)
    {
        if (settings.ShowIntervals)
        {
            _talk.WriteLine(_intervals.Line(step));
            return;
        }

        LoadShape shape = session.Settings.Shape;
        long roundTrips = session.Totals.RoundTrips;
        string left = shape.Duration is { } duration
            ? FormattableString.Invariant($"{Math.Max(0, duration.TotalSeconds - step.At):0} s left")
            : FormattableString.Invariant($"{shape.OwnMessages - roundTrips:N0} messages left");
        string p99 = (step.CorrectedLatency ?? step.ServiceLatency) is { P99Ns: { } tail } ? $"p99 {Quantity.Time(tail)}, " : string.Empty;
        long failures = session.Failures.Count;
        if (session.Settings.Mode != StreamMode.Echo)
        {
            double? mbit = step.MbitSent + step.MbitReceived;
            string stream = FormattableString.Invariant($"{step.At:0} s: {Quantity.Rate(mbit)} Mbit/s");
            _status.Show($"{stream}, {Quantity.Count(session.Failures.Count, "failure")}, {left}", isBad: session.Failures.Count > 0);
            return;
        }

        _status.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{step.At:0} s: {roundTrips:N0} round trips, {Quantity.Rate(step.RoundTripsPerSecond)} per second, "
                + $"{p99}{Quantity.Count(failures, "failure")}, {left}"),
            isBad: failures > 0);
    }
}
