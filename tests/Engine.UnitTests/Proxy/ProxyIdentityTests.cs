using RawEcho.Engine.Proxy;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Proxy;

/// <summary>When a proxy's word names a client, and when it does not.</summary>
public class ProxyIdentityTests
{
    private const byte OverTls = 1, InConnection = 2, InSession = 4;
    private const int NoIssuer = 20;

    public static TheoryData<string, byte[]> Nameless => new()
    {
        { "says nothing of the client's TLS", [] },
        { "came without TLS", ProxyBytes.Tls(InConnection | InSession, 0, "alice") },
        { "showed no certificate", ProxyBytes.Tls(OverTls, 0, "alice") },
        { "did not accept the certificate", ProxyBytes.Tls(OverTls | InConnection | InSession, NoIssuer, "alice") },
        { "did not accept the certificate", ProxyBytes.Tls(OverTls | InSession, 1 << 24, "alice") },
        { "does not say the common name", ProxyBytes.Tls(OverTls | InConnection, 0) },
        { "empty common name", ProxyBytes.Tls(OverTls | InConnection, 0, "") },
        { "empty common name", ProxyBytes.Tls(OverTls | InConnection, 0, "  ") },
        { "cannot be read", ProxyBytes.Tls(OverTls | InConnection, 0, "alice\0.example") },
        { "cannot be read", ProxyBytes.Tls(OverTls | InConnection, 0, "alice\u202Eecila") },
        { "cannot be read", ProxyBytes.Value(0x20, [OverTls | InConnection, 0, 0, 0, 0, 0x22, 0, 2, 0xC3, 0x28]) },
    };

    [Theory]
    [InlineData(OverTls | InConnection, "alice")]
    [InlineData(OverTls | InSession, "alice")]
    [InlineData(OverTls | InConnection | InSession, "Zoë of 例え")]
    [InlineData(OverTls | InConnection | InSession, "alice?")]
    public void A_verified_certificate_of_this_connection_or_session_names_the_client(byte client, string name)
    {
        ProxyHeader header = HeaderWith(ProxyBytes.Tls(client, 0, name));
        Assert.Null(ProxyIdentity.Problem(header));
        Assert.Equal(name, header.Tls!.CommonName);
    }

    [Theory]
    [MemberData(nameof(Nameless))]
    public void Anything_less_names_nobody(string problem, byte[] tls) =>
        Assert.Contains(problem, ProxyIdentity.Problem(HeaderWith(tls)), StringComparison.Ordinal);

    [Fact]
    public void A_line_of_version_1_names_nobody()
    {
        Assert.Equal(
            ProxyParse.Complete,
            ProxyHeaderParser.Parse(ProxyBytes.Version1("192.0.2.1", 1, "192.0.2.2", 2), 4096, out ProxyHeader? header, out _, out _));
        Assert.NotNull(ProxyIdentity.Problem(header!));
    }

    private static ProxyHeader HeaderWith(byte[] tls)
    {
        byte[] data = ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, tls);
        Assert.Equal(ProxyParse.Complete, ProxyHeaderParser.Parse(data, 4096, out ProxyHeader? header, out _, out _));
        return header!;
    }
}
