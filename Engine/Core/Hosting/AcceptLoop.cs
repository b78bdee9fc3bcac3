using System.Net.Sockets;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Accepts from one listener for as long as it lives, and never waits for a peer. What goes wrong falls into four tiers: the listener was
/// closed (stop); the process or machine is out of something (back off, and go on when it can); this one connection is already dead
/// (ignore); what nobody foresaw (report it, back off, and go on).
/// </summary>
/// <param name="listener">Where connections come from.</param>
/// <param name="descriptors">Says whether there are descriptors for one more.</param>
/// <param name="admit">Takes a socket, and whether there are descriptors for it. Does not wait.</param>
/// <param name="observer">Is told of errors; does not throw.</param>
internal sealed class AcceptLoop(
    SocketListener listener, DescriptorReserve descriptors, Action<Socket, bool> admit, ContainedObserver observer)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken stop)
    {
        // Off the caller's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await AcceptRehearsal.Once;
        TimeSpan nextPause = FirstPause;
        TimeSpan pause = TimeSpan.Zero;
        while (!stop.IsCancellationRequested)
        {
            bool failed = false;
            try
            {
                if (pause > TimeSpan.Zero) await Task.Delay(pause, stop);
                SocketError error = await AcceptOneAsync();
                failed = IsExhaustion(error);
                if (error == SocketError.Success) nextPause = FirstPause;
                if (failed && !stop.IsCancellationRequested) observer.OnAcceptFailed(listener.EndPoint, error, nextPause);
            }
            catch (Exception e)
            {
                failed = true;
                // The listener is closed: that is how it stops.
                if (!stop.IsCancellationRequested) observer.OnEngineFault(e);
            }

            pause = failed ? nextPause : TimeSpan.Zero;
            if (failed) nextPause = TimeSpan.FromTicks(Math.Min(nextPause.Ticks * 2, LongestPause.Ticks));
        }

        await listener.ReleaseAsync();
    }

    private async ValueTask<SocketError> AcceptOneAsync()
    {
        ValueTask<(Socket? Socket, SocketError Error)> accepting = listener.AcceptAsync();
        bool waits = !accepting.IsCompleted;
        (Socket? socket, SocketError error) = await accepting;
        try
        {
            // Here, which is on the event loop when it had to wait: a hop to the thread pool may start a thread, and that needs
            // descriptors.
            if (error == SocketError.TooManyOpenSockets) descriptors.Release();
            bool hasRoom = socket is null || descriptors.HasRoomFor(socket.Handle);
            // Off the event loop: a storm of connections must not hold up those that are open.
            if (waits) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            if (socket is not null) admit(socket, hasRoom);
            return error;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    // Everything but the death of the one connection that was about to be accepted.
    private static bool IsExhaustion(SocketError error) => error is not (SocketError.Success
        or SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted or SocketError.WouldBlock);
}
