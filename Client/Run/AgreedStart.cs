using System.Diagnostics;
using System.Globalization;
using RawEcho.Client.Clocks;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Run;

/// <summary>What the command line says of an agreed start.</summary>
/// <param name="At">The time.</param>
/// <param name="Clock">The time server by whose clock it is that time; null for this machine's own clock.</param>
internal sealed record StartPlan(DateTimeOffset At, HostPort? Clock);

/// <summary>
/// Waits for a start that was agreed between several machines, by a wall clock that may be set meanwhile, or by that of a time server.
/// </summary>
internal sealed class AgreedStart
{
    // Long enough to connect some, and too short for a server to end connections that do nothing.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(10);
    private const double ConnectionsPerSecond = 500;
    private static readonly TimeSpan Farthest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    // A delay of the runtime is over some milliseconds late; what is left is slept to the microsecond.
    private static readonly TimeSpan Fine = TimeSpan.FromMilliseconds(30);

    private readonly StartPlan _plan;
    private readonly ReferenceClock? _reference;
    private readonly WallClockWatch _wall = new();
    private ClockResult? _clock;
    private double? _late;

    private AgreedStart(StartPlan plan, ReferenceClock? reference) => (_plan, _reference) = (plan, reference);

    /// <summary>When it is, ticks of Stopwatch, as the clocks stand.</summary>
    public long Due => _reference?.TicksOf(_plan.At) ?? _wall.TicksOf(_plan.At);

    /// <summary>The time that is left; below zero when it has passed.</summary>
    public TimeSpan Left => Elapsed(Stopwatch.GetTimestamp(), Due);

    /// <summary>As it stands in sentences.</summary>
    public string Text => _plan.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>What came of it, and of the clock.</summary>
    public StartResult ToResult() => new(_plan.At.ToUniversalTime(), _late) { Clock = _clock ?? ReadClock() };

    /// <summary>Asks the time server, if there is one, and looks whether the time can be.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="stop">Cancelled when the user wants no more.</param>
    /// <exception cref="CommandException">The server gives no time; the start has passed, or is too far ahead; or the user wants no more.
    /// </exception>
    public static async Task<AgreedStart> PrepareAsync(StartPlan plan, CancellationToken stop)
    {
        try
        {
            var start = new AgreedStart(plan, plan.Clock is { } server ? await ReferenceClock.AskAsync(server, stop) : null);
            start.Check();
            return start;
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitCode.Interrupted, "interrupted while the time server was asked (--clock).");
        }
    }

    /// <summary>Waits until it is time to connect: connections that wait for long are closed by many servers.</summary>
    /// <param name="clients">How many are to connect.</param>
    /// <param name="end">Completes when nobody is to wait any more.</param>
    /// <param name="onWait">Is called several times a second.</param>
    public Task WaitToConnectAsync(int clients, Task end, Action onWait) =>
        WaitAsync(Lead + TimeSpan.FromSeconds(clients / ConnectionsPerSecond), end, onWait);

    /// <summary>Waits for the start itself.</summary>
    /// <param name="end">Completes when nobody is to wait any more.</param>
    /// <param name="onWait">Is called several times a second.</param>
    /// <returns>True when it is time, or later than that.</returns>
    public async Task<bool> WaitAsync(Task end, Action onWait)
    {
        await WaitAsync(Fine, end, onWait);
        if (end.IsCompleted) return false;
        if (Left > TimeSpan.Zero) await Task.Run(() => PreciseSleep.Until(Due), CancellationToken.None);
        Look();
        _late = Math.Max(0, Math.Round(-Left.TotalSeconds, 6));
        _clock = ReadClock();
        return true;
    }

    private async Task WaitAsync(TimeSpan before, Task end, Action onWait)
    {
        while (!end.IsCompleted && Left - before is { Ticks: > 0 } left)
        {
            onWait();
            await Task.WhenAny(end, Task.Delay(left < Step ? left : Step));
            Look();
        }
    }

    private void Look()
    {
        if (_wall.Look() is not { Ticks: not 0 } step) return;
        string then = _reference is null ? "and the start moves with it" : $"and the start is by that of {_reference.Server} all the same";
        StandardStreams.WriteErrorLine(string.Create(
            CultureInfo.InvariantCulture,
            $"WARNING: The clock of this machine was set by {step.TotalSeconds:0.###} s while this client waited, {then}."));
    }

    private void Check()
    {
        TimeSpan left = Left;
        string clock = _reference is null ? "the clock of this machine" : $"the clock of {_reference.Server}";
        if (left <= TimeSpan.Zero)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"that was {-left.TotalSeconds:0.#} s ago, by {clock}"));
        if (left <= Farthest) return;
        throw Refuse(string.Create(
            CultureInfo.InvariantCulture, $"that is {left.TotalHours:0.#} hours ahead, by {clock}, and 24 are the most"));
    }

    private CommandException Refuse(string why) => new(ExitCode.Usage, $"--start-at {Text}: {why}.");

    private ClockResult ReadClock()
    {
        ClockDiscipline? kernel = ClockDiscipline.Read();
        return new ClockResult
        {
            Synchronized = kernel?.IsSynchronized,
            MaxErrorSeconds = kernel?.MaxError.TotalSeconds,
            EstimatedErrorSeconds = kernel?.EstimatedError.TotalSeconds,
            Reference = _reference?.Server.ToString(),
            OffsetSeconds = _reference is null ? null : Math.Round(_reference.Offset.TotalSeconds, 6),
            ErrorSeconds = _reference is null ? null : Math.Round(_reference.Error.TotalSeconds, 6),
            SetBySeconds = Math.Round(_wall.SetBy.TotalSeconds, 3),
            Kernel = ClockDiscipline.Id,
        };
    }

    private static TimeSpan Elapsed(long from, long to) => TimeSpan.FromSeconds((to - from) / (double)Stopwatch.Frequency);
}
