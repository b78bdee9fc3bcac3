using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Faults;

/// <summary>How a proxy treats connections.</summary>
public sealed record FaultOptions
{
    /// <summary>What everything follows from.</summary>
    public int Seed { get; init; }

    /// <summary>The part of connections that suffer a fault, 0 to 1; default a half.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>The faults to choose from; default all.</summary>
    public IReadOnlyList<FaultKind> Kinds { get; init; } = [FaultKind.Flip, FaultKind.Drop, FaultKind.Truncate, FaultKind.Reset];

    /// <summary>The longest pause between two pieces; default 3 ms; zero for none.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(3);
}

/// <summary>
/// Stands between a client and a server, splits, merges and delays what passes, and does to some connections what
/// their <see cref="FaultPlan"/> says. All of it follows from the seed, timing aside.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<int, Task> _open = new();
    private readonly ConcurrentDictionary<FaultKind, int> _done = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FaultOptions _options;
    private readonly Func<IPEndPoint> _target;
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <param name="target">The server.</param>
    /// <param name="options">How to treat connections.</param>
    /// <param name="listen">Where to listen; null for a free port of 127.0.0.1.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public FaultProxy(IPEndPoint target, FaultOptions options, IPEndPoint? listen = null)
        : this(() => target, options, listen)
    {
    }

    /// <inheritdoc cref="FaultProxy(IPEndPoint, FaultOptions, IPEndPoint?)"/>
    public FaultProxy(Func<IPEndPoint> target, FaultOptions options, IPEndPoint? listen = null)
    {
        const int backlog = 512;
        (_target, _options) = (target, options);
        _listener.Bind(listen ?? new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections so far, count.</summary>
    public int Connections { get; private set; }

    /// <summary>Connections that are open now.</summary>
    public int Open => _open.Count;

    /// <summary>The faults that really happened, by kind: a connection may end before its byte is reached.</summary>
    public IReadOnlyDictionary<FaultKind, int> Done => _done;

    /// <summary>Stops, and closes what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                if (_stop.IsCancellationRequested) return;
                continue;
            }

            int number = Connections++;
            FaultPlan plan = FaultPlan.Create(_options.Seed, number, _options.Share, _options.Kinds);
            // Added before it can be removed: it begins to run on the thread pool.
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _open[number] = ServeAsync(client, plan, begin.Task);
            begin.SetResult();
        }
    }

    private async Task ServeAsync(Socket client, FaultPlan plan, Task begin)
    {
        await begin;
        using (client)
        {
            var connection = new FaultyConnection(client, plan, _options.LongestDelay);
            await connection.RunAsync(_target(), _stop.Token);
            if (connection.Happened) _done.AddOrUpdate(plan.Kind, 1, static (_, count) => count + 1);
        }

        _open.TryRemove(plan.Number, out _);
    }
}
