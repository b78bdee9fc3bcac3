using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Sources;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// An EventPipe session with one process, read on a thread of its own. Disposal stops the session first, so that the process does not
/// write into a closed pipe; if the process does not answer within a time limit, the stream is closed anyway.
/// </summary>
internal sealed class EventSession : ISampleSource, IAsyncDisposable
{
    private const int BufferMegabytes = 16;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private readonly EventPipeSession _session;
    private readonly TimeSpan _maxAge;
    private readonly MeterStream _meters;
    private readonly CounterStream _counters = new();
    private readonly PauseStream _pauses = new();
    private readonly RuntimeRows _rows;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MeterCollection? _now;
    private MeterCollection? _before;
    private bool _isLost;

    private EventSession(EventPipeSession session, string clientId, TimeSpan interval, DotNetProcess process)
    {
        _session = session;
        // A value that is not renewed in three intervals is no value of now.
        _maxAge = (interval * 3) + LongestDelay;
        _meters = new MeterStream(clientId);
        _rows = new RuntimeRows(_counters, _maxAge, isFromStart: process.IsSuspended);
        new Thread(Read) { IsBackground = true, Name = $"events of {process.Pid}" }.Start();
    }

    /// <summary>Warnings of the process or the session, each sentence once.</summary>
    public IReadOnlyList<string> Warnings => _meters.Warnings;

    /// <summary>Completes when the stream has ended: because it was stopped, or because the process has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether a whole interval has been seen, so that rates are known.</summary>
    public bool HasRates => _before is not null;

    /// <summary>Attaches.</summary>
    /// <param name="process">The process.</param>
    /// <param name="interval">Time between values.</param>
    /// <param name="maxTimeSeries">The maximum number of time series, all meters together.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DiagnosticsException">It does not answer, or refuses.</exception>
    public static async Task<EventSession> StartAsync(
        DotNetProcess process, TimeSpan interval, int maxTimeSeries, CancellationToken cancellation)
    {
        int pid = process.Pid;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ProcessProbe.AnswerLimit);
        string clientId = Guid.NewGuid().ToString();
        try
        {
            // The library blocks in places, so it runs on the thread pool, under a time limit of this program.
            EventPipeSession session = await Task.Run(ConnectAsync, limit.Token).WaitAsync(limit.Token);
            return new EventSession(session, clientId, interval, process);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DiagnosticsException(
                DiagnosticsExitCode.NoAnswer, $"Process {pid} does not answer within {ProcessProbe.AnswerLimit.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or SocketException or TimeoutException)
        {
            if (!ProcessProbe.Exists(pid))
                throw new DiagnosticsException(DiagnosticsExitCode.NoSuchProcess, $"Process {pid} has just ended.");
            throw new DiagnosticsException(DiagnosticsExitCode.NoAnswer, $"Process {pid} cannot be attached to: {e.Message.TrimEnd('.')}.");
        }

        async Task<EventPipeSession> ConnectAsync()
        {
            DiagnosticsClient client = await DiagnosticSocket.ConnectAsync(pid, process.Address!, limit.Token);
            IReadOnlyList<EventPipeProvider> providers = SessionProviders.For(interval, maxTimeSeries, clientId, process.HasRuntimeMeter);
            return await client.StartEventPipeSessionAsync(providers, requestRundown: false, BufferMegabytes, limit.Token);
        }
    }

    public void Collect(SampleValues values)
    {
        // Without events there are no pauses to be seen, which is not to say that there were none.
        _isLost |= _ended.Task.IsCompleted;
        CollectMeters(values);
        CollectPauses(values);
    }

    /// <summary>
    /// Adds what arrived after the last sample of a process that has ended: a runtime that exits normally flushes its buffers.
    /// </summary>
    public void CollectLast(SampleValues values)
    {
        // The end of the stream follows the end of the process at once.
        _ended.Task.Wait(FlushLimit);
        if (_meters.Latest is { } latest && latest != _now) CollectMeters(values);
        CollectPauses(values);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _session.StopAsync(limit.Token).WaitAsync(limit.Token);
            // The remaining events arrive before the end of the stream.
            await _ended.Task.WaitAsync(limit.Token);
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or SocketException
            or TimeoutException or OperationCanceledException)
        {
            // It has ended, or does not answer: closing the stream detaches all the same.
        }

        _session.Dispose();
    }

    private void CollectMeters(SampleValues values)
    {
        MeterCollection? latest = _meters.Latest;
        if (latest is not null && latest != _now) (_before, _now) = (_now, latest);
        bool isFresh = _now is not null && Stopwatch.GetElapsedTime(_now.ArrivedAt) <= _maxAge;
        _rows.Add(values, isFresh ? new MeterReading(_now!, _before) : null);
    }

    private void CollectPauses(SampleValues values)
    {
        (double percent, double longest) = _pauses.Take();
        if (_isLost) return;
        values.Set(MetricCatalog.PausePercent, percent);
        values.Set(MetricCatalog.PauseLongest, longest);
    }

    private void Read()
    {
        try
        {
            using var source = new EventPipeEventSource(_session.EventStream);
            _meters.Follow(source);
            _counters.Follow(source);
            _pauses.Follow(source);
            source.Process();
        }
        catch (Exception)
        {
            // The reader of the stream throws many kinds of exceptions when it breaks off, which is how a killed process ends.
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
