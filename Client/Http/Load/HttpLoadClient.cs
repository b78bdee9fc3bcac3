using System.Diagnostics;
using RawEcho.Client.Load;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine;

namespace RawEcho.Client.Http.Load;

/// <summary>One connection of a load of HTTP requests, from the end of its handshake to its own end.</summary>
internal sealed class HttpLoadClient : ILoadClient
{
    private readonly LoadRun _run;
    private readonly HttpShape _shape;
    private readonly RequestLoop _loop;
    private readonly int _number;
    private readonly bool _describe;
    private readonly long _begunBefore;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpExchange? _exchange;
    private Passage? _passage;
    private ClientFailure? _refused;
    private PassageEnd? _end;

    /// <param name="run">What all clients share.</param>
    /// <param name="shape">What requests are like.</param>
    /// <param name="url">Where they go.</param>
    /// <param name="counts">Takes what responses were like.</param>
    /// <param name="number">Number of the connection, from 0, through the whole fleet.</param>
    /// <param name="describe">True to keep <see cref="Tls"/> for the user to read.</param>
    public HttpLoadClient(LoadRun run, HttpShape shape, HttpUrl url, HttpCounts counts, int number, bool describe)
        : this(run, shape, new RequestLoop(run, shape, url, counts, number, run.QuotaOf(number)), number, describe)
    {
    }

    private HttpLoadClient(LoadRun run, HttpShape shape, RequestLoop loop, int number, bool describe)
    {
        (_run, _shape, _loop, _number, _describe) = (run, shape, loop, number, describe);
        _begunBefore = loop.BegunMeasured;
    }

    public Connection? Connection { get; private set; }

    public TlsDetails? Tls { get; private set; }

    public Task Ready => _ready.Task;

    public int InFlight => _loop.InFlight;

    public bool IsDone { get; private set; }

    public string? Mismatch => _passage?.Mismatch;

    public long BegunMeasured => _loop.BegunMeasured - _begunBefore;

    public IPacedSender? Open => _run.Schedule is null ? null : _loop;

    public bool WantsAnother => _end == PassageEnd.UsedUp;

    public Task TurnToConnectAsync() => _loop.TurnToConnectAsync();

    public ILoadClient Renew(IPacedSender? last) => new HttpLoadClient(_run, _shape, _loop, _number, describe: false);

    public async Task RunAsync(Connection connection)
    {
        long readyAt = Stopwatch.GetTimestamp();
        bool isEarly = !_run.Started.IsCompleted;
        Connection = connection;
        if ((_refused = HttpFailure.OfNegotiation(connection, _shape.Request.Http)) is not null) return;
        Tls = _describe ? connection.Tls : null;
        _run.MarkReady();
        _ready.TrySetResult();
        await _run.Started;
        await _run.TurnOf(_number);
        if (_run.IsStopping)
        {
            IsDone = true;
            return;
        }

        _exchange = new HttpExchange(connection, _shape.HasBody ? _run.Shape.Sizes.Max : 0);
        _passage = new Passage(_exchange, connection.ConnectStartedAt, isEarly ? readyAt - connection.ConnectStartedAt : 0);
        _end = await _loop.RunAsync(_passage, connection.Ended);
        IsDone = _end == PassageEnd.Done;
        if (IsDone) _run.MarkDone();
        await _exchange.CloseAsync();
    }

    public ClientFailure? Explain(ConnectionEnd end, TlsLevel tls)
    {
        if (Mismatch is { } mismatch) return new(ExitCode.Mismatch, "echo differs", mismatch);
        if (IsDone || WantsAnother) return null;
        if (_refused is not null) return _refused;
        if (_passage?.Failure is InvalidOperationException and not ObjectDisposedException and { } defect)
            return new(ExitCode.Defect, "defect", defect.Message);
        // Stopped before anything was sent, or between requests.
        if (_passage?.Failure is null && end.Reason is CloseReason.Drained or CloseReason.DrainTimeout) return null;
        return HttpFailure.Of(_passage?.Failure, _exchange, end, tls);
    }
}
