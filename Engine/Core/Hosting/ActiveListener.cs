using System.Net;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>A listener and the loop that accepts from it, from its start to its stop. Owns the listener.</summary>
internal sealed class ActiveListener : IAsyncDisposable
{
    private readonly SocketListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _stopping;

    public ActiveListener(SocketListener listener, AcceptLoop loop)
    {
        _listener = listener;
        _accepting = loop.RunAsync(_stop.Token);
    }

    /// <summary>The address with the port that was really taken.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <summary>Closes the listener; completes when nothing is accepted any more. May be called again, by several at a time.</summary>
    public async ValueTask DisposeAsync()
    {
        // Pairs with itself: of several calls one closes, and the others wait with it.
        bool isFirst = Interlocked.Exchange(ref _stopping, 1) == 0;
        if (isFirst)
        {
            // First the mark, so that the loop does not take the closed listener for an error.
            await _stop.CancelAsync();
            _listener.Dispose();
        }

        await _accepting;
        if (isFirst) _stop.Dispose();
    }
}
