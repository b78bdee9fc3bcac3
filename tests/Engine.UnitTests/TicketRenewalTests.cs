using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.UnitTests;

public sealed class TicketRenewalTests
{
    private readonly HandClock _clock = new();
    private readonly TicketRenewal _renewal;
    private int _renewals;

    public TicketRenewalTests() => _renewal = new TicketRenewal(() => _renewals++, _clock);

    [Fact]
    public void A_former_client_ends_the_tickets_of_others_at_a_limited_pace()
    {
        for (int i = 0; i < 2 * TicketRenewal.Burst; i++) _renewal.OnRefused(CertificateFault.Revoked);
        Assert.Equal(TicketRenewal.Burst, _renewals);
        _clock.Advance(TicketRenewal.Pace);
        for (int i = 0; i < 3; i++) _renewal.OnRefused(CertificateFault.Expired);
        Assert.Equal(TicketRenewal.Burst + 1, _renewals);
        _clock.Advance(TimeSpan.FromDays(1));
        for (int i = 0; i < 2 * TicketRenewal.Burst; i++) _renewal.OnRefused(CertificateFault.NotAllowed);
        Assert.Equal((2 * TicketRenewal.Burst) + 1, _renewals);
    }

    [Theory]
    [InlineData(CertificateFault.UntrustedIssuer)]
    [InlineData(CertificateFault.BadSignature)]
    [InlineData(CertificateFault.Malformed)]
    [InlineData(CertificateFault.Missing)]
    [InlineData(CertificateFault.ChainTooLarge)]
    [InlineData(CertificateFault.ChainTooLong)]
    public void A_stranger_ends_nobodys_tickets(CertificateFault fault)
    {
        _renewal.OnRefused(fault);
        Assert.Equal(0, _renewals);
    }
}
