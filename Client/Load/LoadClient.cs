using System.Diagnostics;
using RawEcho.CommandLine;
using RawEcho.Engine;

namespace RawEcho.Client.Load;

/// <summary>Hands each connection to the client that opened it.</summary>
internal sealed class LoadHandler : IConnectionHandler
{
    public Task HandleAsync(Connection connection) => ((ILoadClient)connection.State!).RunAsync(connection);
}

/// <summary>
/// One connection of the load, from the end of its handshake to its own end: waits for the start, sends messages, and compares every byte
/// of their echoes. What it has come to can be read at any time; its own flow writes it.
/// </summary>
/// <param name="run">What all clients share.</param>
/// <param name="number">Number of the connection, from 0, through the whole fleet.</param>
/// <param name="quota">How many messages to measure; long.MaxValue for as many as the time allows.</param>
/// <param name="describe">True to keep <see cref="Tls"/> for the user to read.</param>
/// <param name="before">The connection that this one replaces; null for the first.</param>
/// <param name="replaced">The last part of an open loop that there was in this place; null for the first, and without a rate.</param>
internal sealed class LoadClient(
    LoadRun run, int number, long quota, bool describe = false, LoadClient? before = null, OpenLoop? replaced = null) : ILoadClient
{
    private const int LargestRead = 64 * 1024;

    private readonly MessageFlow _flow = new(run, number, quota, before?._flow, repeats: before is { _endedInOrder: true });
    private readonly bool _goesOn = before is { WantsAnother: true } or { _endedInOrder: true };
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OpenLoop? _replaced = replaced;
    private OpenLoop? _open;
    private long _readyAt;
    private bool _endedInOrder;

    public Connection? Connection { get; private set; }

    public TlsDetails? Tls { get; private set; }

    public Task Ready => _ready.Task;

    /// <summary>True while the end of the handshake is so near that the end of the connection may be its consequence.</summary>
    public bool IsJustReady => _readyAt != 0 && Stopwatch.GetElapsedTime(_readyAt) < TimeSpan.FromSeconds(2);

    /// <summary>Messages whose whole echo has come back and matched, warm-up included.</summary>
    public long RoundTrips => _flow.RoundTrips;

    private long QuotaLeft => quota == long.MaxValue ? quota : quota - BegunMeasured;

    public long BegunMeasured => _flow.BegunMeasured;

    public int InFlight => _flow.InFlight + _flow.ToRepeat;

    /// <summary>Bytes of the messages that are on their way; 0 when none is.</summary>
    public long Owed => _flow.Owed;

    /// <summary>How many of <see cref="Owed"/> have come back.</summary>
    public int Echoed => _flow.Echoed;

    public string? Mismatch => _flow.Mismatch;

    public bool IsDone { get; private set; }

    public IPacedSender? Open => Volatile.Read(ref _open);

    public bool WantsAnother { get; private set; }

    public Task TurnToConnectAsync() => Task.CompletedTask;

    public ClientFailure? Explain(ConnectionEnd end, TlsLevel tls)
    {
        // The server has answered all that it had begun. The rest can be sent to whoever takes its place: nothing is done twice.
        _endedInOrder = end.Reason == CloseReason.PeerClosed && Echoed == 0 && Mismatch is null;
        return ClientFailure.Of(this, end, tls);
    }

    public ILoadClient Renew(IPacedSender? last) => new LoadClient(run, number, QuotaLeft, before: this, replaced: (OpenLoop?)last);

    public async Task RunAsync(Connection connection)
    {
        Connection = connection;
        _readyAt = Stopwatch.GetTimestamp();
        // Now, because a moment later the connection may be gone, and with it what it could tell.
        Tls = describe ? connection.Tls : null;
        run.MarkReady();
        _ready.TrySetResult();

        // A server that refuses a certificate under TLS 1.3 does so after the handshake: listen while waiting for the start.
        Task<int> firstSign = connection.WaitForDataAsync().AsTask();
        if (await IsUnaskedAsync(run.Started, firstSign) || await IsUnaskedAsync(run.TurnOf(number), firstSign))
        {
            await firstSign;
            if (await connection.ReadAsync(new byte[1]) > 0) _flow.FailUnasked();
            return;
        }

        // A connection that takes the place of another one may come when all is over.
        if (_flow.ToRepeat == 0 && (run.IsStopping || quota <= 0 || Stopwatch.GetTimestamp() >= run.EndAt))
        {
            IsDone = true;
            // The engine cannot say goodbye while somebody reads.
            connection.EndWhenIdle();
            await firstSign;
            return;
        }

        // One byte more than the longest echo: a server that sends too much is found out.
        byte[] buffer = new byte[(int)Math.Min(LargestRead, ((long)run.Shape.Sizes.Max * run.Shape.Depth) + 1)];
        bool allEchoed = await EchoAsync(connection, firstSign, buffer);
        WantsAnother = allEchoed && _flow is { IsUsedUp: true, IsQuotaBegun: false } && !run.IsStopping
            && Stopwatch.GetTimestamp() < run.EndAt;
        IsDone = allEchoed && !WantsAnother;
        if (IsDone) run.MarkDone();
    }

    private Task<bool> EchoAsync(Connection connection, Task<int> firstSign, byte[] buffer)
    {
        if (!run.Shape.IsOpen) return ClosedLoop.RunAsync(_flow, connection, firstSign, buffer);
        var open = new OpenLoop(run, _flow, number, _replaced, _goesOn);
        _replaced = null;
        Volatile.Write(ref _open, open);
        return open.RunAsync(connection, firstSign, buffer);
    }

    private static async Task<bool> IsUnaskedAsync(Task turn, Task<int> firstSign) =>
        !turn.IsCompleted && await Task.WhenAny(firstSign, turn) == firstSign && !turn.IsCompleted;
}
