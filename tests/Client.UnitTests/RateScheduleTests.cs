using System.Diagnostics;
using RawEcho.Client.Load;

namespace RawEcho.Client.UnitTests;

public class RateScheduleTests
{
    private const long Start = 1_000_000_000;
    private static readonly long Second = Stopwatch.Frequency;

    [Theory]
    [InlineData(1)]
    [InlineData(7.5)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public void A_second_holds_as_many_messages_as_the_rate_says(double rate)
    {
        var schedule = new RateSchedule(Start, rate, TimeSpan.Zero);
        for (long second = 1; second <= 1000; second *= 10)
            Assert.InRange(schedule.FirstFrom(Start + (second * Second)), (long)(rate * second), (long)(rate * second) + 1);
        Assert.Equal(Start, schedule.DueAt(0));
    }

    [Fact]
    public void A_ramp_sends_half_as_many_and_ends_at_the_full_rate()
    {
        const double rate = 1000;
        var schedule = new RateSchedule(Start, rate, TimeSpan.FromSeconds(10));
        Assert.InRange(schedule.FirstFrom(Start + (10 * Second)), 5000, 5001);
        Assert.InRange(schedule.FirstFrom(Start + (5 * Second)), 1250, 1251);
        Assert.InRange(schedule.FirstFrom(Start + (11 * Second)), 6000, 6001);
        for (long k = 1; k < 7000; k++) Assert.True(schedule.DueAt(k) >= schedule.DueAt(k - 1));
    }

    [Fact]
    public void The_first_message_from_a_time_is_due_then_or_later_and_the_one_before_it_earlier()
    {
        var random = new Random(5);
        for (int i = 0; i < 1000; i++)
        {
            var schedule = new RateSchedule(Start, (random.NextDouble() * 1e5) + 0.1, TimeSpan.FromSeconds(random.Next(0, 5)));
            long time = Start + random.NextInt64(100 * Second);
            long k = schedule.FirstFrom(time);
            Assert.True(schedule.DueAt(k) >= time);
            if (k > 0) Assert.True(schedule.DueAt(k - 1) < time);
        }
    }
}
