using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// A connection of the engine as Kestrel sees it. The engine's handler waits in <see cref="Completion"/> while Kestrel serves; disposing
/// the context lets it go on, and the engine closes the connection and counts it, once.
/// </summary>
internal sealed class EngineConnectionContext : ConnectionContext,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature,
    IMemoryPoolFeature, IEngineConnectionFeature, IPipeOwner
{
    /// <summary>How long a connection on which nothing has come is kept when it is to end: its first request may be under way.</summary>
    public static readonly TimeSpan FirstRequestTime = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked at meanwhile, and how long Kestrel has to take up what has come.</summary>
    public static readonly TimeSpan FirstRequestLook = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _completion = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly EngineTransport _engine;
    private readonly Connection _socket;
    private readonly BusyScope _busy;
    private ConnectionPipes? _pipes;
    private IDuplexPipe? _transport;
    private IDictionary<object, object?>? _items;
    private Task? _finish;
    private Task _watch = Task.CompletedTask;
    private IConnectionLifetimeNotificationFeature? _closing;
    private volatile ConnectionHeartbeat? _heartbeat;
    private Exception? _fault;
    private bool _isHalfClosed;
    private bool _isMultiplexed;
    private bool _usesLoop;
    private EndpointGuard? _guard;

    /// <param name="connection">The connection as it was accepted, without TLS.</param>
    /// <param name="engine">Where it comes from.</param>
    /// <param name="guard">What guards it, where the transport's endpoints are guarded; null otherwise.</param>
    public EngineConnectionContext(Connection connection, EngineTransport engine, EndpointGuard? guard)
    {
        Connection = _socket = connection;
        _engine = engine;
        SetThreads(engine.Threads, guard);
        // Kestrel decides when the connection is idle, and ends it then; the engine leaves it alone.
        _busy = connection.BeginWork();
        ConnectionId = Identifiers.Next();
        LocalEndPoint = connection.LocalEndPoint;
        RemoteEndPoint = connection.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features = CreateFeatures();
        // Aborts, limits of the engine, and the end of its handler.
        connection.Ended.UnsafeRegister(static c => ((EngineConnectionContext)c!).CancelClosed(), this);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _transport ??= OpenPipes();
        set => _transport = value;
    }

    /// <inheritdoc/>
    public Connection Connection { get; private set; }

    public MemoryPool<byte> MemoryPool => _engine.Memory;

    /// <summary>Completes when Kestrel is done with the connection, or faults with what the engine is to know.</summary>
    public Task Completion => _completion.Task;

    /// <summary>True once somebody reads and writes the connection's bytes, or has put something before them.</summary>
    public bool IsInUse => _transport is not null;

    /// <summary>
    /// True while nothing has come for the application. Kestrel would close it without a word, though a request may be on its way.
    /// </summary>
    public bool IsUnasked => _pipes?.Input.HasReceived != true && !_closed.IsCancellationRequested;

    /// <summary>What failed below the application, for the engine to name; null when nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Says where the application's code runs; takes effect at once, and again when TLS is done.</summary>
    /// <param name="threads">Where.</param>
    /// <param name="guard">For guarded threads: what decides.</param>
    public void SetThreads(ApplicationThreads threads, EndpointGuard? guard)
    {
        _usesLoop = threads == ApplicationThreads.EventLoop;
        _guard = guard;
        ApplyThreads();
    }

    /// <summary>What the application threw inside of TLS; null when it did not.</summary>
    public ExceptionDispatchInfo? ApplicationFault { get; set; }

    /// <summary>From now on the bytes are those inside of TLS.</summary>
    /// <param name="secured">The connection after its handshake.</param>
    /// <param name="isMultiplexed">Whether many streams share it, as with HTTP/2.</param>
    public void EnterTls(Connection secured, bool isMultiplexed)
    {
        Connection = secured;
        _isMultiplexed = isMultiplexed;
        ApplyThreads();
        _transport = null;
    }

    /// <summary>Ends the connection at once. Kestrel does so too when it hears that the peer has gone: then that is the reason.</summary>
    public override void Abort(ConnectionAbortedException? abortReason)
    {
        CloseReason end = Connection.EndOfStream;
        if (end == CloseReason.None) Connection.Abort(CloseReason.LocalClosed, abortReason?.Message);
        else Connection.Abort(end);
    }

    /// <summary>Does what Kestrel's heartbeat does, when that has stopped.</summary>
    public void Tick()
    {
        try
        {
            _heartbeat?.Tick();
        }
        catch (Exception e)
        {
            // Kestrel contains them, too: others are to be ticked.
            _engine.ReportFault(ConnectionId, e);
        }
    }

    /// <summary>The engine is to end the connection for this, as if its handler had thrown it.</summary>
    public void Fail(Exception fault) => _fault = fault;

    /// <summary>
    /// Ends what is under way on the pipes: what was written is sent, and a read that looks ahead is ended, so that the engine can close
    /// the connection in order. A second call does nothing more.
    /// </summary>
    public Task FinishAsync() => _finish ??= FinishOnceAsync();

    public override async ValueTask DisposeAsync()
    {
        await FinishAsync();
        _fault ??= Failure;
        if (_fault is null) _completion.TrySetResult();
        else _completion.TrySetException(_fault);
        await base.DisposeAsync();
    }

    // Called by Kestrel, whose own features are there by now, on the flow of the connection.
    private ConnectionPipes OpenPipes()
    {
        _pipes = new ConnectionPipes(Connection, this, _isMultiplexed);
        if (_heartbeat is null && Features.Get<IConnectionHeartbeatFeature>() is { } heartbeat)
            Features.Set<IConnectionHeartbeatFeature>(_heartbeat = new ConnectionHeartbeat(heartbeat));
        if (_closing is null && Features.Get<IConnectionLifetimeNotificationFeature>() is { } closing)
        {
            _closing = closing;
            _socket.EndRequested.UnsafeRegister(static c => ((EngineConnectionContext)c!).RequestClose(), this);
        }

        return _pipes;
    }

    // A process without event loops completes all on the thread pool, and needs no second hop.
    private void ApplyThreads() =>
        Connection.CompletesInline = _usesLoop || _guard?.IsOnLoop == true || EngineProcess.EventLoops == 0;

    private async Task FinishOnceAsync()
    {
        if (_pipes is { } pipes)
        {
            await pipes.Output.StopAsync();
            _busy.Dispose();
            await pipes.Input.StopAsync();
            if (!_watch.IsCompleted) _socket.EndWhenIdle();
            await _watch;
        }
        else
        {
            _busy.Dispose();
        }
    }

    void IPipeOwner.OnInputEnding(Exception? failure)
    {
        NoteFailure(failure);
        // close_notify ends what the peer sends, and not yet the connection, for which it may still wait.
        _isHalfClosed = failure is null && Connection != _socket && Connection.EndOfStream == CloseReason.PeerClosed;
        if (_isHalfClosed) _watch = WatchSocketAsync();
    }

    void IPipeOwner.OnInputEnded()
    {
        if (!_isHalfClosed) ThreadPool.UnsafeQueueUserWorkItem(static c => c.CancelClosed(), this, preferLocal: false);
    }

    void IPipeOwner.Resume(IWaiter waiter)
    {
        // Only pipes have waiters.
        ConnectionWriter writer = _pipes!.Output;
        if (_guard is not { } guard)
        {
            ApplicationTurn.Run(writer, waiter);
            return;
        }

        // Before the code, and not after it: then the connection may have gone, and its args be another one's.
        ApplyThreads();
        guard.Run(static turn => ApplicationTurn.Run(turn.Writer, turn.Waiter), (Writer: writer, Waiter: waiter));
    }

    void IPipeOwner.OnOutputFailed(Exception failure) => NoteFailure(failure);

    // Nothing else reads the socket any more, TLS having come to its end.
    private async Task WatchSocketAsync()
    {
        try
        {
            await _socket.WaitForDataAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Aborted.
        }

        CancelClosed();
    }

    private void RequestClose()
    {
        if (IsUnasked) _ = RequestCloseLaterAsync();
        else RequestCloseNow();
    }

    private async Task RequestCloseLaterAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (IsUnasked && Stopwatch.GetElapsedTime(start) < FirstRequestTime) await Task.Delay(FirstRequestLook);
        await Task.Delay(FirstRequestLook);
        RequestCloseNow();
    }

    // Kestrel says Connection: close with the next response, or GOAWAY, and ends the connection as soon as no request is under way.
    private void RequestCloseNow()
    {
        try
        {
            _closing!.RequestClose();
        }
        catch (AggregateException e)
        {
            _engine.ReportFault(ConnectionId, e);
        }
    }

    // On a thread of the pool, where an exception would end the process.
    private void CancelClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException e)
        {
            _engine.ReportFault(ConnectionId, e);
        }
    }

    // After an abort, or a reset that the transport has seen, the engine knows the reason already.
    private void NoteFailure(Exception? failure)
    {
        if (failure is IOException and not ConnectionResetException && Failure is null) Failure = failure;
    }

    private FeatureCollection CreateFeatures()
    {
        var features = new FeatureCollection(initialCapacity: 16);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IEngineConnectionFeature>(this);
        return features;
    }
}
