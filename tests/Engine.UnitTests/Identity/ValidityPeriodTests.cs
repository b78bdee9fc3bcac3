using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>The dates of a certificate are moments, and have nothing to do with the time of day of the machine.</summary>
public sealed class ValidityPeriodTests
{
    // 2026-10-25 02:30 comes twice in Berlin: at 00:30 and at 01:30 UTC.
    private static readonly DateTimeOffset Summer = new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), Winter = Summer.AddHours(1);

    private static readonly Party Root = new("CN=Root"), Someone = new("CN=peer");

    [Fact]
    public void The_hour_that_the_end_of_summer_time_repeats_is_two_hours()
    {
        using X509Certificate2 certificate = Issue(Period(Summer, Winter));
        Assert.Equal(new ValidityPeriod(Summer, Winter), ValidityPeriod.Of(certificate));
        Assert.Equal(TimeSpan.Zero, ValidityPeriod.Of(certificate).From.Offset);
    }

    [Theory]
    [InlineData(-1, CertificateFault.NotYetValid)]
    [InlineData(0, CertificateFault.None)]
    [InlineData(1, CertificateFault.None)]
    [InlineData(2399, CertificateFault.None)]
    [InlineData(2400, CertificateFault.None)]
    [InlineData(2401, CertificateFault.Expired)]
    public void A_path_is_dated_in_UTC_to_the_second_both_ends_included(int second, CertificateFault expected)
    {
        // Valid for forty minutes, from 02:50 to 02:30 by the clock on the wall.
        DateTimeOffset from = Summer.AddMinutes(20), until = from.AddMinutes(40);
        using X509Certificate2 root = (Authority() with { Validity = Period(Summer.AddDays(-9), Winter.AddDays(9)) }).Sign(Root, Root);
        using X509Certificate2 certificate = Issue(Period(from, until));
        PeerVerdict verdict = PeerVerifier.Verify(
            certificate, [], [root], PeerRole.Client, time: from.AddSeconds(second).UtcDateTime);
        Assert.Equal(expected, verdict.Fault);
        Assert.Equal(expected switch
        {
            CertificateFault.NotYetValid => from,
            CertificateFault.Expired => until,
            _ => (DateTimeOffset?)null,
        }, verdict.Problem?.Date);
        if (verdict.Peer is { } peer) Assert.Equal(new ValidityPeriod(from, until), peer.Validity);
    }

    [Theory]
    [InlineData("\u0017\r500101000000Z", "\u0017\r491231235959Z", 1950, 2049)]
    [InlineData("\u0018\u000f19491231235959Z", "\u0018\u000f99991231235959Z", 1949, 9999)]
    public void Both_kinds_of_time_are_read(string from, string until, int first, int last)
    {
        using X509Certificate2 certificate = Issue(Sequence(from + until));
        ValidityPeriod period = ValidityPeriod.Of(certificate);
        Assert.Equal((first, last), (period.From.Year, period.Until.Year));
    }

    [Theory]
    [InlineData("\u0017\r261301000000Z", "\u0017\r271231235959Z")]
    [InlineData("\u0017\r260101000000Z", "\u0017\r270229000000Z")]
    [InlineData("\u0017\r260101000000Z", "\u0018\u000f20271301000000Z")]
    [InlineData("\u0017\u000b2601010000Z", "\u0017\r271231235959Z")]
    public void What_is_no_date_cannot_be_read(string from, string until)
    {
        using X509Certificate2 certificate = Issue(Sequence(from + until));
        Assert.Null(ValidityPeriod.TryRead(certificate));
        Assert.Throws<CryptographicException>(() => ValidityPeriod.Of(certificate));
        PeerVerdict verdict = PeerVerifier.EvaluateOwn(certificate, PeerRole.Client);
        Assert.Equal((CertificateFault.Malformed, CertificateDefect.Dates), (verdict.Fault, verdict.Problem!.Defect));
    }

    private static X509Certificate2 Issue(byte[] validity) => (Peer() with { Validity = validity }).Sign(Someone, Root);

    private static byte[] Sequence(string content) => [0x30, (byte)content.Length, .. Encoding.Latin1.GetBytes(content)];
}
