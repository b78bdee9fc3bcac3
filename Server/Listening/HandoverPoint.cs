using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Server.Listening;

/// <summary>
/// The old server's side of a hot restart: waits at a path for the server that is to replace this one, and gives it the listening sockets.
/// One at a time; one that fails, or does not get ready in time, leaves everything as it was.
/// </summary>
internal sealed class HandoverPoint : IAsyncDisposable
{
    private static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // It reads certificates and starts a runtime meanwhile.
    private static readonly TimeSpan ReadyTime = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly Socket _listener;
    private readonly ServerSockets _sockets;
    private readonly Action<string> _report;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _waiting;
    private Socket? _successor;

    private HandoverPoint(string path, Socket listener, ServerSockets sockets, Action<string> report)
    {
        (_path, _listener, _sockets, _report) = (path, listener, sockets, report);
        _waiting = Task.Run(WaitAsync);
    }

    /// <summary>Completes with the process that accepts from the sockets now, too.</summary>
    public Task<int> Replaced => _replaced.Task;

    /// <summary>Waits at a path from now on. Only the same user, and root, are given anything.</summary>
    /// <param name="path">Where. A socket that another process has left there is replaced.</param>
    /// <param name="sockets">What to give.</param>
    /// <param name="report">Is told of those who asked and were given nothing, or failed.</param>
    /// <exception cref="CommandException">Nobody can wait there.</exception>
    public static HandoverPoint Open(string path, ServerSockets sockets, Action<string> report)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            if (Other(path) is { } other) throw new CommandException(ExitCode.Usage, $"--handover {path}: it is a {other}, and no socket.");
            // Nobody waits there any more: Takeover has asked.
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(backlog: 8);
            return new HandoverPoint(path, listener, sockets, report);
        }
        catch (Exception e)
        {
            listener.Dispose();
            if (e is SocketException or IOException or UnauthorizedAccessException)
                throw new CommandException(ExitCode.Network, $"--handover {path}: nobody can wait there: {e.Message.TrimEnd('.')}.");
            throw;
        }
    }

    /// <summary>
    /// Tells the new server that this one stops. It may wait at the path from then on. Called when nothing is accepted here any more
    /// that it should have accepted.
    /// </summary>
    public async Task LetGoAsync()
    {
        await StopWaitingAsync();
        try
        {
            await _successor!.SendAsync(HandoverText.Stopping, SocketFlags.None);
        }
        catch (SocketException)
        {
            // It has gone since. It had said that it accepts, so somebody has ended it: this server stops all the same.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopWaitingAsync();
        _successor?.Dispose();
        _stop.Dispose();
    }

    private async Task StopWaitingAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _waiting;
        // Before the listener is closed, or a server that starts in between would find a path where nobody waits.
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its folder is gone, or is another user's now. The next server finds that nobody waits there.
            _report($"--handover {_path} could not be removed: {e.Message}");
        }

        _listener.Dispose();
    }

    private async Task WaitAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket? peer = null;
            try
            {
                peer = await _listener.AcceptAsync(_stop.Token);
                if (await TryHandOverAsync(peer) is not { } process) continue;
                (_successor, peer) = (peer, null);
                _replaced.SetResult(process);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                _report($"A hot restart failed: {e.Message}. This server goes on.");
                // Without descriptors accepting fails at once, again and again.
                await Task.WhenAny(Task.Delay(Pause, _stop.Token));
            }
            finally
            {
                peer?.Dispose();
            }
        }
    }

    // Null when nothing has come of it.
    private async Task<int?> TryHandOverAsync(Socket peer)
    {
        HandoverPeer who = HandoverPeer.Of(peer);
        if (!who.IsTrusted)
        {
            _report($"Process {who.ProcessId} asked for the listening sockets, and was given none: it belongs to another user.");
            return null;
        }

        if (!await HearsAsync(peer, HandoverText.Hello, HelloTime)) return null;
        DescriptorMessage.Send(peer, HandoverText.Of(_sockets.All), [.. _sockets.All.Select(SharedDescriptor.Of)]);
        if (await HearsAsync(peer, HandoverText.Ready, ReadyTime)) return who.ProcessId;
        _report($"A hot restart failed: process {who.ProcessId} took the listening sockets, and did not get ready. This server goes on.");
        return null;
    }

    private async Task<bool> HearsAsync(Socket peer, ReadOnlyMemory<byte> word, TimeSpan time)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(time);
        byte[] said = new byte[word.Length];
        try
        {
            int read = await peer.ReceiveAsync(said, SocketFlags.None, limit.Token);
            return said.AsSpan(0, read).SequenceEqual(word.Span);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    // What lies there and is nothing that a server has left behind.
    private static string? Other(string path) => FileContent.KindOf(path) switch
    {
        FileKind.Regular => "file",
        FileKind.Directory => "directory",
        FileKind.Pipe => "pipe",
        FileKind.Device => "device",
        _ => null,
    };
}
