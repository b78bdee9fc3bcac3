using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>
/// The race of one connection for an address that answers (RFC 8305 section 5): the next address is tried beside the others when the last
/// one has not answered within <see cref="AttemptDelay"/>, and at once when it has failed. The first socket that is connected wins; all
/// other attempts are closed.
/// </summary>
/// <param name="server">The addresses, and what is known of them.</param>
/// <param name="connect">Connects to one address; throws <see cref="ConnectException"/> when that fails.</param>
public sealed class AddressRace(ServerAddresses server, Func<IPEndPoint, CancellationToken, Task<Socket>> connect)
{
    /// <summary>How long an address has before another one is tried beside it: RFC 8305's Connection Attempt Delay.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    // An address that has answered before has longer, RFC 8305's maximum: the system repeats a SYN that was lost after one second.
    private static readonly TimeSpan DelayOfKnown = TimeSpan.FromSeconds(2);

    private readonly List<Attempt> _tried = [];
    private readonly List<Attempt> _running = [];
    private readonly List<IPEndPoint> _untried = [.. server.All];
    private long _dueAt;
    private bool _hasTurn;

    /// <summary>What came of each address: those that were tried in the order of their turn, then the others.</summary>
    public IReadOnlyList<AddressAttempt> Attempts =>
    [
        .. _tried.Select(a => new AddressAttempt(a.Address, a.Time, a.Failure)),
        .. _untried.Select(a => new AddressAttempt(a, null, null)),
    ];

    /// <summary>Races. May be called once.</summary>
    /// <returns>The connected socket; null when every address failed.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public async Task<DialedSocket?> RunAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                // Taken before looking at what is known, so that no change is missed.
                Task changed = server.Changed;
                if (await TakeWinnerAsync() is { } winner) return winner;
                if (_running.Count == 0 && _untried.Count == 0) return null;
                if (Next() is { } next) Start(next, end.Token);
                else await WaitAsync(changed, end.Token);
            }
        }
        finally
        {
            await end.CancelAsync();
            foreach (Attempt loser in _running) _ = CloseAsync(loser.Connecting);
            if (_hasTurn) server.ReturnTurn();
        }
    }

    private static async Task CloseAsync(Task<Socket> loser)
    {
        try
        {
            // It may have been connected before it heard that it had lost.
            (await loser).Dispose();
        }
        catch (Exception e) when (e is ConnectException or OperationCanceledException)
        {
            // Nothing was opened.
        }
    }

    // Whoever stays in the list of those under way is closed in the end, a second one that is connected too among them.
    private async Task<DialedSocket?> TakeWinnerAsync()
    {
        DialedSocket? winner = null;
        foreach (Attempt attempt in _running.Where(a => a.Connecting.IsCompleted).ToArray())
        {
            attempt.Time = Stopwatch.GetElapsedTime(attempt.StartedAt);
            if (attempt.Connecting.Exception?.InnerException is ConnectException failure)
            {
                attempt.Failure = failure;
                _running.Remove(attempt);
                _dueAt = 0;
            }
            else if (winner is null)
            {
                // Throws what is no failure of an address: that the caller gave up, or a defect.
                winner = new DialedSocket(await attempt.Connecting, attempt.Address, attempt.StartedAt);
                _running.Remove(attempt);
            }
        }

        if (winner is not { } won) return null;
        foreach (Attempt loser in _running.Where(l => l.Time is null)) loser.GiveUp();
        if (server.All.Count > 1) server.Learn(won.Address, Attempts);
        return won;
    }

    private IPEndPoint? Next()
    {
        // Another connection has just found out which one answers. Where nothing is under way there is nothing to wait for.
        if (server.Answering is { } known && _untried.Contains(known)) return known;
        if (_running.Count == 0) return _untried[0];
        if (_untried.Count == 0 || Stopwatch.GetTimestamp() < _dueAt) return null;
        _hasTurn = _hasTurn || server.TryTakeTurn();
        return _hasTurn ? _untried[0] : null;
    }

    private void Start(IPEndPoint address, CancellationToken end)
    {
        _untried.Remove(address);
        TimeSpan delay = address.Equals(server.Answering) ? DelayOfKnown : AttemptDelay;
        long now = Stopwatch.GetTimestamp();
        _dueAt = now + (long)(delay.TotalSeconds * Stopwatch.Frequency);
        var attempt = new Attempt(address, now, connect(address, end));
        _tried.Add(attempt);
        _running.Add(attempt);
    }

    private async Task WaitAsync(Task changed, CancellationToken end)
    {
        IEnumerable<Task> events = _running.Select(a => a.Connecting);
        if (_untried.Count > 0)
        {
            // Due already, but another connection has the turn: looks again after a while, for that one may have been given up.
            long now = Stopwatch.GetTimestamp();
            TimeSpan left = _dueAt > now ? Stopwatch.GetElapsedTime(now, _dueAt) : AttemptDelay;
            events = [.. events, changed, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), end)];
        }

        await Task.WhenAny(events).WaitAsync(end);
    }

    private sealed class Attempt(IPEndPoint address, long startedAt, Task<Socket> connecting)
    {
        public IPEndPoint Address => address;

        public long StartedAt => startedAt;

        public Task<Socket> Connecting => connecting;

        public TimeSpan? Time { get; set; }

        public ConnectException? Failure { get; set; }

        public void GiveUp()
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(startedAt);
            (Time, Failure) = (waited, new ConnectException(address, waited));
        }
    }
}

/// <summary>One address of a server and what came of it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Time">How long the TCP connect took, or was waited for; null when it was not tried.</param>
/// <param name="Failure">Why there is no connection; null when there is one, or it was not tried.</param>
public sealed record AddressAttempt(IPEndPoint Address, TimeSpan? Time, ConnectException? Failure);

/// <summary>A socket that won its race.</summary>
/// <param name="Socket">Connected; belongs to whoever receives this.</param>
/// <param name="Address">Whom it is connected to.</param>
/// <param name="StartedAt">When this attempt, and not the race, began: ticks of <see cref="Stopwatch"/>.</param>
public readonly record struct DialedSocket(Socket Socket, IPEndPoint Address, long StartedAt);
