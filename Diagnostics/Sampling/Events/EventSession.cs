using System.Net.Sockets;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using RawEcho.Diagnostics.Attach;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// An EventPipe session with one process, read on a thread of its own. Disposal stops the session first, so that the process does not
/// write into a closed pipe; if the process does not answer within a time limit, the stream is closed anyway.
/// </summary>
internal sealed class EventSession : IAsyncDisposable
{
    private const int BufferMegabytes = 16;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly EventPipeSession _session;
    private readonly SocketPath _path;
    private readonly Action<TraceEventDispatcher> _follow;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EventSession(EventPipeSession session, SocketPath path, Action<TraceEventDispatcher> follow, int pid)
    {
        (_session, _path, _follow) = (session, path, follow);
        new Thread(Read) { IsBackground = true, Name = $"events of {pid}" }.Start();
    }

    /// <summary>Completes when the stream has ended: because it was stopped, or because the process has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Attaches.</summary>
    /// <param name="process">The process.</param>
    /// <param name="providers">What is asked of its runtime.</param>
    /// <param name="follow">Subscribes to the events, before the first is read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DiagnosticsException">It does not answer, or refuses.</exception>
    public static async Task<EventSession> StartAsync(
        DotNetProcess process, IReadOnlyList<EventPipeProvider> providers, Action<TraceEventDispatcher> follow,
        CancellationToken cancellation)
    {
        int pid = process.Pid;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ProcessProbe.AnswerLimit);
        CancellationToken token = limit.Token;
        // The library blocks in places, so it runs on the thread pool, under a time limit of this program.
        Task<EventSession> connecting = Task.Run(() => PatientQuery.AskAsync(pid, ConnectAsync, token), token);
        try
        {
            return await connecting.WaitAsync(token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            DetachWhenConnected(connecting);
            throw new DiagnosticsException(
                DiagnosticsExitCode.NoAnswer, $"Process {pid} does not answer within {ProcessProbe.AnswerLimit.TotalSeconds:0} s.");
        }
        catch (OperationCanceledException)
        {
            DetachWhenConnected(connecting);
            throw;
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or SocketException or TimeoutException)
        {
            if (!ProcessProbe.Exists(pid))
                throw new DiagnosticsException(DiagnosticsExitCode.NoSuchProcess, $"Process {pid} has just ended.");
            throw new DiagnosticsException(DiagnosticsExitCode.NoAnswer, $"Process {pid} cannot be attached to: {e.Message.TrimEnd('.')}.");
        }

        async Task<EventSession> ConnectAsync()
        {
            // The client connects again in order to stop the session, so the path lives as long as the session.
            SocketPath path = SocketPath.Open(process.Address!);
            try
            {
                DiagnosticsClient client = await DiagnosticSocket.ConnectAsync(pid, path, token);
                EventPipeSession session = await client.StartEventPipeSessionAsync(
                    providers, requestRundown: false, BufferMegabytes, token);
                return new EventSession(session, path, follow, pid);
            }
            catch
            {
                path.Dispose();
                throw;
            }
        }
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
        _path.Dispose();
    }

    // A process that was frozen may answer after this program has given up. A session that nobody reads must not stay with it.
    private static void DetachWhenConnected(Task<EventSession> connecting) => connecting.ContinueWith(
        async t => await (await t).DisposeAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
        TaskScheduler.Default);

    private void Read()
    {
        try
        {
            using var source = new EventPipeEventSource(_session.EventStream);
            _follow(source);
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
