using System.Security.Cryptography;
using RawEcho.Client.Probe;
using RawEcho.Client.Wire;

namespace RawEcho.Client.UnitTests;

/// <summary>What a probe makes of words that are not a handshake: a greeting in the clear, an alert, an error of OpenSSL.</summary>
public class PeerWordsTests
{
    [Fact]
    public void Nothing_that_a_peer_sends_makes_a_quote_unsafe()
    {
        var random = new Random(2026);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            _ = Banner.Recognize(bytes, bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            Assert.DoesNotContain(Banner.Quote(bytes), char.IsControl);
        }
    }

    [Theory]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "unknown_ca")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", "certificate_required")]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", "handshake_failure")]
    [InlineData("error:0A00010B:SSL routines::wrong version number", null)]
    [InlineData("error:", null)]
    [InlineData("error:nonsense", null)]
    public void An_alert_is_found_in_what_OpenSSL_says(string words, string? name) =>
        Assert.Equal(name, TlsAlert.In(new IOException("outer", new CryptographicException(words)))?.Name);
}
