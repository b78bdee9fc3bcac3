using System.Net.Sockets;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Accepts from one listener for as long as it lives, and never waits for a peer. What goes wrong falls into three tiers:
/// the listener was closed (stop); the process or machine is out of something (back off, and go on when it can); this one
/// connection is already dead (ignore).
/// </summary>
internal sealed class AcceptLoop(SocketListener listener, Action<Socket> admit, IConnectionObserver observer)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken stop)
    {
        // Off the caller's thread, and off the event loops: a storm of connections must not hold up those that are open.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan pause = FirstPause;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                (Socket? socket, SocketError error) = await listener.AcceptAsync();
                if (socket is not null)
                {
                    pause = FirstPause;
                    admit(socket);
                }
                else if (!stop.IsCancellationRequested && IsExhaustion(error))
                {
                    observer.OnAcceptFailed(listener.EndPoint, error, pause);
                    await Task.Delay(pause, stop);
                    pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The listener is closed: that is how it stops.
        }
        finally
        {
            listener.Release();
        }
    }

    // Everything but the death of the one connection that was about to be accepted.
    private static bool IsExhaustion(SocketError error) =>
        error is not (SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted or SocketError.WouldBlock);
}
