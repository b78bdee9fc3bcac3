using RawEcho.Engine.Buffers;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Limits of time by a clock that the test moves: what happens seconds later, at once.</summary>
public sealed class LimitEnforcerTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly SocketOperationPool _operations = new(connections: 1, preallocated: 1);
    private SocketPair _pair = null!;
    private SocketConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await SocketPair.CreateAsync();
        var services = new ConnectionServices(new BufferPool(0)) { CloseTimeout = 2 * Limit };
        _connection = new SocketConnection(1, _pair.Near, _operations, services, state: null);
        _connection.Lifetime.Advance(ConnectionPhase.Open);
    }

    [Fact]
    public async Task Past_its_lifetime_a_connection_in_the_middle_of_a_message_has_a_second_to_finish_it()
    {
        var limits = new LimitEnforcer(new EngineOptions { MaxLifetime = Limit, IdleTimeout = Timeout.InfiniteTimeSpan });
        _connection.Lifetime.ExpectsMore = true;
        Task wait = _connection.WaitForDataAsync().AsTask();
        limits.Enforce(_connection, After(Limit));
        Assert.Equal((false, CloseReason.None), (wait.IsCompleted, _connection.TransportEnd));

        limits.Enforce(_connection, After(Limit + TimeSpan.FromSeconds(1)));
        await wait.WithinLimit();
        Assert.Equal(CloseReason.LifetimeEnded, _connection.TransportEnd);
    }

    [Fact]
    public void Past_its_lifetime_a_connection_that_never_pauses_is_aborted_in_the_end()
    {
        var limits = new LimitEnforcer(new EngineOptions { MaxLifetime = Limit, IdleTimeout = Timeout.InfiniteTimeSpan });
        limits.Enforce(_connection, After(Limit + TimeSpan.FromSeconds(19)));
        Assert.Equal(CloseReason.None, _connection.Lifetime.End.Reason);
        limits.Enforce(_connection, After(Limit + TimeSpan.FromSeconds(20)));
        AssertAborted(CloseReason.LifetimeEnded);
    }

    [Fact]
    public void Without_data_a_connection_whose_handler_does_not_wait_for_any_is_aborted()
    {
        var limits = new LimitEnforcer(new EngineOptions { IdleTimeout = Limit });
        limits.Enforce(_connection, After(Limit / 2));
        Assert.Equal(CloseReason.None, _connection.Lifetime.End.Reason);
        limits.Enforce(_connection, After(Limit));
        AssertAborted(CloseReason.IdleTimeout);
    }

    [Fact]
    public async Task A_send_that_is_over_is_not_stuck_however_long_ago_it_was()
    {
        var limits = new LimitEnforcer(new EngineOptions { WriteTimeout = Limit, IdleTimeout = Timeout.InfiniteTimeSpan });
        await _connection.WriteAsync(new byte[10]).WithinLimit();
        limits.Enforce(_connection, After(2 * Limit));
        Assert.Equal(CloseReason.None, _connection.Lifetime.End.Reason);

        // More than both kernels take, to a peer that does not read.
        Task stuck = _connection.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();
        await TimeLimit.Until(() => _connection.SendPendingSince != 0, "it is stuck");
        limits.Enforce(_connection, After(Limit));
        AssertAborted(CloseReason.WriteTimeout);
        await Assert.ThrowsAnyAsync<Exception>(() => stuck.WithinLimit());
    }

    [Fact]
    public async Task A_connection_that_says_goodbye_is_left_to_its_deadline()
    {
        var limits = new LimitEnforcer(new EngineOptions { IdleTimeout = Limit, WriteTimeout = Limit, MaxLifetime = Limit });
        Task wait = _connection.WaitForDataAsync().AsTask();
        limits.Enforce(_connection, After(Limit));
        await wait.WithinLimit();
        Assert.Equal(CloseReason.IdleTimeout, _connection.Lifetime.End.Reason);
        _connection.Lifetime.Conclude();
        limits.Enforce(_connection, After(1.5 * Limit));
        Assert.False(_pair.Near.SafeHandle.IsClosed);
        limits.Enforce(_connection, After(2 * Limit));
        AssertAborted(CloseReason.IdleTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.FreeAsync().WithinLimit();
        _pair.Dispose();
        Assert.Equal(0, _operations.Count.InUse);
    }

    private void AssertAborted(CloseReason reason)
    {
        Assert.Equal(reason, _connection.Lifetime.End.Reason);
        Assert.True(_pair.Near.SafeHandle.IsClosed);
    }

    private static long After(TimeSpan time) => Environment.TickCount64 + (long)time.TotalMilliseconds;
}
