using System.Diagnostics;
using RawEcho.Client.Load;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Streams;

namespace RawEcho.Client.Streams;

/// <summary>One connection of an upload, a download, or both, from the end of its handshake to its own end.</summary>
/// <param name="run">What all clients share.</param>
/// <param name="mode">What is done.</param>
/// <param name="counts">Takes what was verified.</param>
/// <param name="number">Number of the connection, from 0, through the whole fleet.</param>
/// <param name="describe">True to keep <see cref="Tls"/> for the user to read.</param>
internal sealed class StreamClient(LoadRun run, StreamMode mode, StreamCounts counts, int number, bool describe) : ILoadClient
{
    // Then others have their turn, however fast the server is.
    private const int BlocksInTurn = 8;

    private readonly FrameReader _frames = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientFailure? _refused;
    private long _sent;
    private volatile bool _isSendingOver = !mode.HasUpload();
    private volatile bool _isUnderWay;
    private volatile bool _isReadingOver;

    public Connection? Connection { get; private set; }

    public TlsDetails? Tls { get; private set; }

    public Task Ready => _ready.Task;

    // Something is always owed: bytes of the server, or its word that it has taken ours.
    public int InFlight => _isUnderWay ? 1 : 0;

    public bool IsDone { get; private set; }

    public string? Mismatch => _frames.Mismatch;

    public long BegunMeasured => 0;

    public IPacedSender? Open => null;

    public bool WantsAnother => false;

    private bool IsAllTaken => _isSendingOver && _frames.Verified >= Interlocked.Read(ref _sent);

    public Task TurnToConnectAsync() => Task.CompletedTask;

    public ILoadClient Renew(IPacedSender? last) => new StreamClient(run, mode, counts, number, describe: false);

    public ClientFailure? Explain(ConnectionEnd end, TlsLevel tls)
    {
        if (IsDone) return null;
        return _refused ?? StreamFailure.Of(Mismatch, hasBegun: _frames.Received > 0 || _frames.Verified > 0, end, tls);
    }

    public async Task RunAsync(Connection connection)
    {
        Connection = connection;
        if (connection.Ssl?.NegotiatedApplicationProtocol != StreamProtocols.Of(mode))
        {
            _refused = StreamFailure.NotOffered(mode);
            return;
        }

        Tls = describe ? connection.Tls : null;
        run.MarkReady();
        _ready.TrySetResult();
        // A server that refuses a certificate under TLS 1.3 does so after the handshake: listen while waiting for the start.
        Task<int> firstSign = connection.WaitForDataAsync().AsTask();
        await Task.WhenAny(firstSign, run.Started);
        if (mode == StreamMode.Upload && !run.Started.IsCompleted)
        {
            await EndAsync(connection, firstSign);
            return;
        }

        await run.Started;
        await run.TurnOf(number);
        if (run.IsStopping)
        {
            IsDone = true;
            connection.EndWhenIdle();
            return;
        }

        // A write that always finds room would keep an event loop, and all of its connections, to itself.
        connection.CompletesInline = false;
        _isUnderWay = true;
        Task sending = mode.HasUpload() ? SendAsync(connection) : Task.CompletedTask;
        bool isDone = await ReceiveAsync(connection, firstSign);
        // The end of one direction is the end of the other, after the block that is on its way.
        _isReadingOver = true;
        await sending;
        _isUnderWay = false;
        IsDone = isDone;
        if (IsDone) run.MarkDone();
    }

    private static async Task EndAsync(Connection connection, Task<int> firstSign)
    {
        await firstSign;
        await connection.ReadAsync(new byte[1]);
    }

    private async Task SendAsync(Connection connection)
    {
        try
        {
            for (int block = 1; !IsOver(); block++)
            {
                long position = _sent;
                Interlocked.Add(ref _sent, StreamPattern.Block);
                await connection.WriteAsync(StreamPattern.From(position, StreamPattern.Block));
                if (block % BlocksInTurn == 0) await Task.Yield();
            }

            _isSendingOver = true;
            // The last word of the server may have come before it was known to be the last.
            if (IsAllTaken && mode == StreamMode.Upload) connection.EndWhenIdle();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is at its end. Its reader meets the same end and tells of it.
        }
    }

    private async Task<bool> ReceiveAsync(Connection connection, Task<int> firstSign)
    {
        byte[] buffer = new byte[StreamPattern.Block];
        await firstSign;
        while (true)
        {
            int read = await connection.ReadAsync(buffer);
            if (read == 0) return IsAllTaken && mode == StreamMode.Upload;
            (long verified, long received) = (_frames.Verified, _frames.Received);
            if (!_frames.Take(buffer.AsSpan(0, read))) return false;
            run.MarkAnswered();
            if (IsMeasured(Stopwatch.GetTimestamp()))
            {
                counts.AddSent(_frames.Verified - verified);
                counts.AddReceived(_frames.Received - received);
            }

            if (IsOver() && IsAllTaken) return true;
        }
    }

    private bool IsMeasured(long now) => now >= run.MeasureFrom && now < run.MeasuredUntil;

    private bool IsOver() => _isReadingOver || run.IsStopping || Stopwatch.GetTimestamp() >= run.EndAt;
}
