using RawEcho.Engine.Tls;

namespace RawEcho.Engine.UnitTests;

public sealed class TicketRenewalTests
{
    [Fact]
    public void A_former_client_ends_the_tickets_of_others_at_a_limited_pace()
    {
        int renewals = 0;
        var clock = new HandClock();
        var renewal = new TicketRenewal(() => renewals++, clock);
        for (int i = 0; i < 2 * TicketRenewal.Burst; i++) renewal.TryRenew();
        Assert.Equal(TicketRenewal.Burst, renewals);
        clock.Advance(TicketRenewal.Pace);
        for (int i = 0; i < 3; i++) renewal.TryRenew();
        Assert.Equal(TicketRenewal.Burst + 1, renewals);
        clock.Advance(TimeSpan.FromDays(1));
        for (int i = 0; i < 2 * TicketRenewal.Burst; i++) renewal.TryRenew();
        Assert.Equal((2 * TicketRenewal.Burst) + 1, renewals);
    }
}
