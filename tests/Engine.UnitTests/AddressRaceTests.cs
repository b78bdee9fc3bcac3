using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>The race for an address that answers, with addresses that do what the test tells them. No network is needed.</summary>
public sealed class AddressRaceTests : IDisposable
{
    private static readonly IPEndPoint A = IPEndPoint.Parse("192.0.2.1:7443");
    private static readonly IPEndPoint B = IPEndPoint.Parse("192.0.2.2:7443");
    private static readonly IPEndPoint C = IPEndPoint.Parse("192.0.2.3:7443");
    private static readonly IPEndPoint Six = IPEndPoint.Parse("[2001:db8::1]:7443");
    private static readonly IPEndPoint Seven = IPEndPoint.Parse("[2001:db8::2]:7443");

    private readonly Network _network = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void Addresses_keep_the_order_of_the_resolver_with_the_families_in_turn()
    {
        Assert.Equal([Six, A, Seven, B, C], new ServerAddresses(Six, Seven, A, B, C).All);
        Assert.Equal([A, Six, B, Seven, C], new ServerAddresses(A, B, C, Six, Seven).All);
        Assert.Equal([A, B], new ServerAddresses(A, B, A).All);
    }

    [Fact]
    public async Task The_next_address_is_tried_at_once_when_one_fails()
    {
        _network.Refuse(A);
        _network.Answer(B);
        var server = new ServerAddresses(A, B, C);
        DialedSocket dialed = await DialAsync(server);
        Assert.Equal((B, B), (dialed.Address, server.Answering));
        // No delay is in it: the attempts follow one another, and the third one was never begun.
        Assert.Equal([A, B], _network.Tried);
        Assert.Equal([new UnreachableAddress(A, $"{A} refused the connection: nothing listens there.", B)], server.Unreachable);
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task An_address_that_is_silent_has_250_milliseconds_and_then_another_one_is_tried_beside_it()
    {
        _network.Answer(C);
        var server = new ServerAddresses(A, B, C);
        var clock = Stopwatch.StartNew();
        DialedSocket dialed = await DialAsync(server);
        Assert.Equal(C, dialed.Address);
        Assert.True(clock.Elapsed >= 2 * AddressRace.AttemptDelay, $"{clock.Elapsed}");
        // Counted from the attempt that won, and not from the first one.
        Assert.True(
            Stopwatch.GetElapsedTime(dialed.StartedAt) <= clock.Elapsed - (2 * AddressRace.AttemptDelay) + TimeSpan.FromMilliseconds(2));
        Assert.Equal([A, B], server.Unreachable.Select(u => u.Address));
        Assert.All(server.Unreachable, u => Assert.Matches(@"^192\.0\.2\.[12]:7443 did not answer within [0-9,]+ ms\.$", u.Why));
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task A_silent_address_that_answers_late_still_wins_while_no_other_has_answered()
    {
        var server = new ServerAddresses(A, B);
        Task<DialedSocket> dialing = DialAsync(server);
        await _network.TriedAsync(B);
        _network.Answer(A);
        DialedSocket dialed = await dialing.WithinLimit();
        Assert.Equal((A, A), (dialed.Address, server.Answering));
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task The_address_that_answered_takes_later_connections_alone_until_it_fails()
    {
        _network.Refuse(A);
        _network.Answer(B);
        var server = new ServerAddresses(A, B);
        await DialAsync(server);
        _network.Forget();
        for (int i = 0; i < 3; i++) Assert.Equal(B, (await DialAsync(server)).Address);
        Assert.Equal([B, B, B], _network.Tried);

        _network.Forget();
        _network.Refuse(B);
        _network.Answer(A);
        Assert.Equal(A, (await DialAsync(server)).Address);
        Assert.Equal(A, (await DialAsync(server)).Address);
        Assert.Equal([B, A, A], _network.Tried);
        Assert.Equal([A, B], server.Unreachable.Select(u => u.Address));
    }

    [Fact]
    public async Task An_address_that_has_answered_and_is_silent_now_is_left_after_a_while()
    {
        _network.Answer(B);
        _network.Refuse(A);
        var server = new ServerAddresses(A, B);
        await DialAsync(server);
        _network.Silence(B);
        _network.Answer(A);
        Assert.Equal(A, (await DialAsync(server)).Address);
        Assert.Equal(A, (await DialAsync(server)).Address);
        Assert.Equal(A, server.Answering);
    }

    [Fact]
    public async Task Of_many_connections_one_tries_the_other_addresses_and_all_go_where_it_was_answered()
    {
        _network.Answer(C);
        var server = new ServerAddresses(A, B, C);
        Task<DialedSocket>[] dialing = [.. Enumerable.Range(0, 100).Select(_ => DialAsync(server))];
        DialedSocket[] dialed = await Task.WhenAll(dialing).WithinLimit();
        Assert.All(dialed, d => Assert.Equal(C, d.Address));
        Assert.Equal((100, 1, 100), (_network.Tried.Count(A.Equals), _network.Tried.Count(B.Equals), _network.Tried.Count(C.Equals)));
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task Others_take_the_turn_of_a_connection_that_gives_up()
    {
        var server = new ServerAddresses(A, B);
        using var first = new CancellationTokenSource();
        Task<DialedSocket> givesUp = DialAsync(server, first.Token);
        await _network.TriedAsync(B);
        Task<DialedSocket> waits = DialAsync(server);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givesUp.WithinLimit());
        _network.Answer(B);
        DialedSocket dialed = await waits.WithinLimit();
        Assert.Equal(B, dialed.Address);
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task When_all_fail_the_failure_of_the_first_is_told()
    {
        _network.Refuse(A);
        _network.Refuse(B, SocketError.HostUnreachable);
        var server = new ServerAddresses(A, B);
        ConnectException e = await Assert.ThrowsAsync<ConnectException>(() => DialAsync(server));
        Assert.Equal(SocketError.ConnectionRefused, e.Error);
        Assert.Null(server.Answering);
        Assert.Empty(server.Unreachable);
    }

    [Fact]
    public async Task What_this_machine_lacks_is_not_held_against_an_address()
    {
        _network.Refuse(A, SocketError.TooManyOpenSockets);
        _network.Answer(B);
        var server = new ServerAddresses(A, B);
        Assert.Equal(B, (await DialAsync(server)).Address);
        Assert.Empty(server.Unreachable);
    }

    [Fact]
    public async Task A_socket_that_is_connected_when_it_has_lost_or_the_caller_has_gone_is_closed()
    {
        var server = new ServerAddresses(A, B);
        _network.IgnoreEnd = true;
        Task<DialedSocket> dialing = DialAsync(server);
        await _network.TriedAsync(B);
        _network.Answer(B);
        DialedSocket dialed = await dialing.WithinLimit();
        _network.Answer(A);
        await _network.NothingIsLeftAsync(dialed);

        var other = new ServerAddresses(C, Six);
        Task<DialedSocket> givenUp = DialAsync(other, _stop.Token);
        await _network.TriedAsync(Six);
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp.WithinLimit());
        _network.Answer(C);
        _network.Answer(Six);
        await _network.NothingIsLeftAsync(dialed);
    }

    [Fact]
    public async Task A_defect_is_no_failure_of_an_address()
    {
        _network.Refuse(A, new InvalidOperationException("defect"));
        _network.Answer(B);
        await Assert.ThrowsAsync<InvalidOperationException>(() => DialAsync(new ServerAddresses(A, B)));
    }

    private Task<DialedSocket> DialAsync(ServerAddresses server, CancellationToken cancellation = default) =>
        server.ConnectAsync(_network.ConnectAsync, cancellation).WithinLimit();

    /// <summary>Every address is silent until it is told what to do.</summary>
    private sealed class Network : IDisposable
    {
        private readonly ConcurrentDictionary<IPEndPoint, TaskCompletionSource<Exception?>> _answers = new();
        private readonly ConcurrentQueue<IPEndPoint> _tried = new();
        private readonly ConcurrentBag<Socket> _opened = [];
        private int _underWay;

        public IPEndPoint[] Tried => [.. _tried];

        /// <summary>True for attempts that go on although nobody wants them any more.</summary>
        public bool IgnoreEnd { get; set; }

        public void Answer(IPEndPoint address) => Set(address, null);

        public void Refuse(IPEndPoint address, SocketError error = SocketError.ConnectionRefused) =>
            Set(address, new ConnectException(address, error));

        public void Refuse(IPEndPoint address, Exception e) => Set(address, e);

        public void Silence(IPEndPoint address) => _answers[address] = NewAnswer();

        public void Forget() => _tried.Clear();

        public Task TriedAsync(IPEndPoint address) => TimeLimit.Until(() => _tried.Contains(address), $"an attempt at {address}");

        public async Task<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellation)
        {
            _tried.Enqueue(address);
            Interlocked.Increment(ref _underWay);
            try
            {
                Exception? failure = await _answers.GetOrAdd(address, _ => NewAnswer()).Task.WaitAsync(IgnoreEnd ? default : cancellation);
                if (failure is not null) throw failure;
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _opened.Add(socket);
                return socket;
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }

        public Task NothingIsLeftAsync(params DialedSocket[] butThese) => TimeLimit.Until(
            () => Volatile.Read(ref _underWay) == 0 && _opened.All(s => s.SafeHandle.IsClosed || butThese.Any(d => d.Socket == s)),
            "that all attempts have ended and all other sockets are closed");

        public void Dispose()
        {
            foreach (Socket socket in _opened) socket.Dispose();
        }

        private static TaskCompletionSource<Exception?> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private void Set(IPEndPoint address, Exception? failure)
        {
            // Whoever waits hears it, and whoever comes later too.
            TaskCompletionSource<Exception?> told = _answers.AddOrUpdate(
                address, _ => NewAnswer(), (_, old) => old.Task.IsCompleted ? NewAnswer() : old);
            told.SetResult(failure);
        }
    }
}
