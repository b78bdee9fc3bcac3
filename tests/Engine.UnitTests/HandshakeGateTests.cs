using RawEcho.Engine.Buffers;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public class HandshakeGateTests
{
    [Fact]
    public async Task Those_that_find_no_place_wait_in_order()
    {
        var gate = NewGate(places: 2, maxWaiting: 2);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Task<bool> first = gate.EnterAsync(begun: false).AsTask();
        Task<bool> second = gate.EnterAsync(begun: false).AsTask();
        Assert.Equal((0, 2), (gate.Free, gate.Waiting));

        gate.Leave();
        Assert.True(await first.WithinLimit());
        Assert.False(second.IsCompleted);
        gate.Leave();
        Assert.True(await second.WithinLimit());
        gate.Leave();
        gate.Leave();
        Assert.Equal((2, 0), (gate.Free, gate.Waiting));
    }

    [Fact]
    public async Task One_too_many_is_turned_away_unless_it_was_inside_before()
    {
        var gate = NewGate(places: 1, maxWaiting: 1);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Task<bool> waiting = gate.EnterAsync(begun: false).AsTask();
        Assert.False(await gate.EnterAsync(begun: false).WithinLimit());
        Task<bool> begun = gate.EnterAsync(begun: true).AsTask();
        Assert.Equal(2, gate.Waiting);

        gate.Leave();
        Assert.True(await begun.WithinLimit());
        Assert.False(waiting.IsCompleted);
        gate.Leave();
        Assert.True(await waiting.WithinLimit());
    }

    [Fact]
    public async Task Those_that_were_inside_before_take_no_room_from_new_ones()
    {
        var gate = NewGate(places: 1, maxWaiting: 1);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Task<bool> begun = gate.EnterAsync(begun: true).AsTask();
        Task<bool> fresh = gate.EnterAsync(begun: false).AsTask();
        Assert.Equal(2, gate.Waiting);
        gate.Leave();
        Assert.True(await begun.WithinLimit());
        gate.Leave();
        Assert.True(await fresh.WithinLimit());
    }

    [Fact]
    public async Task A_queue_of_none_lets_in_as_many_as_there_are_places()
    {
        var gate = NewGate(places: 1, maxWaiting: 0);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Assert.False(await gate.EnterAsync(begun: false).WithinLimit());
        gate.Leave();
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
    }

    [Fact]
    public async Task Under_contention_never_more_are_inside_than_there_are_places()
    {
        const int places = 3;
        var gate = NewGate(places, maxWaiting: 1000);
        int inside = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            for (int turn = 0; turn < 50; turn++)
            {
                Assert.True(await gate.EnterAsync(begun: turn > 0).WithinLimit());
                int now = Interlocked.Increment(ref inside);
                Interlocked.Exchange(ref most, Math.Max(now, most));
                if (turn % 7 == 0) await Task.Yield();
                Interlocked.Decrement(ref inside);
                gate.Leave();
            }
        }))).WithinLimit();
        Assert.InRange(most, 1, places);
        Assert.Equal((places, 0), (gate.Free, gate.Waiting));
    }

    [Fact]
    public async Task A_new_one_that_has_waited_too_long_is_turned_away_and_those_behind_it_are_served()
    {
        var clock = new HandClock();
        var gate = new HandshakeGate(places: 1, maxWaiting: 9, TimeSpan.FromSeconds(5), clock);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        Task<bool> late = gate.EnterAsync(begun: false).AsTask(), begun = gate.EnterAsync(begun: true).AsTask();
        clock.Advance(TimeSpan.FromSeconds(3));
        Task<bool> second = gate.EnterAsync(begun: false).AsTask(), third = gate.EnterAsync(begun: false).AsTask();
        clock.Advance(TimeSpan.FromSeconds(2.5));
        // Work was put into this one already.
        gate.Leave();
        Assert.True(await begun.WithinLimit());
        gate.Leave();
        Assert.False(await late.WithinLimit());
        Assert.True(await second.WithinLimit());
        Assert.False(third.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(3));
        // The place that is held may be held for long.
        gate.TurnAway();
        Assert.False(await third.WithinLimit());
        gate.Leave();
        Assert.Equal((1, 0), (gate.Free, gate.Waiting));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_has_ended_waits_no_longer_and_the_others_keep_their_order(bool begun)
    {
        var gate = NewGate(places: 1, maxWaiting: 3);
        Assert.True(await gate.EnterAsync(begun: false).WithinLimit());
        ConnectionLifetime[] connections =
            [.. Enumerable.Range(1, 3).Select(id => new ConnectionLifetime(id, null, null, new BufferPool(0)))];
        Task<bool>[] turns = [.. connections.Select(c => gate.EnterAsync(begun, c).AsTask())];
        gate.TurnAway();
        Assert.Equal(3, gate.Waiting);

        connections[1].TryEnd(CloseReason.HandshakeTimeout, null);
        gate.TurnAway();
        Assert.False(await turns[1].WithinLimit());
        Assert.Equal((0, 2), (gate.Free, gate.Waiting));
        gate.Leave();
        Assert.True(await turns[0].WithinLimit());
        Assert.False(turns[2].IsCompleted);
        gate.Leave();
        Assert.True(await turns[2].WithinLimit());
    }

    private static HandshakeGate NewGate(int places, int maxWaiting) =>
        new(places, maxWaiting, Timeout.InfiniteTimeSpan, TimeProvider.System);
}
