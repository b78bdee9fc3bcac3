using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class HandshakeTests
{
    public static TheoryData<string, Leaf, string> Refused => new()
    {
        { "expired", new Leaf { NotBefore = TimeSpan.FromDays(-9), NotAfter = TimeSpan.FromDays(-1) }, "expired on" },
        { "not yet valid", new Leaf { NotBefore = TimeSpan.FromDays(1) }, "not valid before" },
        { "made for servers", new Leaf { Purposes = [TestPki.ServerAuth] }, "not made for a client" },
        { "without a purpose", new Leaf { Purposes = null }, "no extended key usage" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_client_certificate_that_does_not_belong_is_refused_with_its_reason(string what, Leaf leaf, string reason)
    {
        await using var host = new TestHost();
        using var certificate = host.Pki.Issue(leaf);
        await AssertRefusedAsync(host, () => host.ConnectTlsAsync(certificate));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.True(end.Reason == CloseReason.PeerCertificateRefused, $"{what}: {end}");
        Assert.Contains(reason, end.Detail, StringComparison.Ordinal);
        Assert.Equal((0, 1), (host.Host.Statistics.HandshakesDone, host.Host.Statistics.HandshakesFailed));
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, 70_000)]
    [InlineData(SslProtocols.Tls13, 70_000)]
    [InlineData(SslProtocols.Tls12, 120_000)]
    [InlineData(SslProtocols.Tls13, 120_000)]
    public async Task A_certificate_that_the_TLS_library_finds_too_large_is_called_so(SslProtocols protocol, int padding)
    {
        await using var host = new TestHost();
        using X509Certificate2 large = host.Pki.Issue(new Leaf { Padding = padding });
        await Record.ExceptionAsync(() => host.ConnectTlsAsync(large, protocol));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Contains("too large", end.Detail, StringComparison.Ordinal);
        Assert.Equal(HandshakeProblem.PeerCertificateTooLarge, end.Handshake);
    }

    [Fact]
    public async Task A_client_of_another_CA_is_refused()
    {
        await using var host = new TestHost();
        using var foreign = new TestPki("CN=Foreign CA");
        using var certificate = foreign.Issue(new Leaf());
        await AssertRefusedAsync(host, () => host.ConnectTlsAsync(certificate));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
        Assert.Contains("CN=Foreign CA", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused_unless_only_the_server_shows_one()
    {
        await using (var mutual = new TestHost())
        {
            await AssertRefusedAsync(mutual, () => mutual.ConnectTlsAsync(showCertificate: false));
            ConnectionEnd end = await mutual.NextEndingAsync();
            Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
            Assert.Contains("no certificate", end.Detail, StringComparison.Ordinal);
        }

        await using var serverOnly = new TestHost(mutual: false);
        (SslStream stream, _) = await serverOnly.ConnectTlsAsync(showCertificate: false);
        await TestHost.EchoAsync(stream, 100);
    }

    [Fact]
    public async Task A_silent_client_holds_nobody_up_and_is_closed_at_the_deadline()
    {
        await using var host = new TestHost(
            new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(200) }, handshakeTimeout: TimeSpan.FromMilliseconds(800));
        Socket silent = await host.ConnectRawAsync();
        (SslStream other, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(other, 100);
        Assert.Equal(CloseReason.HandshakeTimeout, (await host.NextEndingAsync()).Reason);
        Assert.Equal(0, await ReadOrResetAsync(silent));
        await TestHost.EchoAsync(other, 100);
    }

    [Fact]
    public async Task The_idle_limit_is_not_for_handshakes()
    {
        await using var host = new TestHost(
            new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(200), IdleTimeout = TimeSpan.FromMilliseconds(100) },
            handshakeTimeout: TimeSpan.FromSeconds(1));
        await host.ConnectRawAsync();
        Assert.Equal(CloseReason.HandshakeTimeout, (await host.NextEndingAsync()).Reason);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008 this is not TLS at all")]
    public async Task Garbage_instead_of_tls_is_refused(string garbage)
    {
        await using var host = new TestHost();
        Socket socket = await host.ConnectRawAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(garbage)).WithinLimit();
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.HandshakeFailed, end.Reason);
        Assert.Contains("does not speak TLS", end.Detail, StringComparison.Ordinal);
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_in_the_handshake_is_a_failed_handshake(bool reset)
    {
        await using var host = new TestHost();
        Socket socket = await host.ConnectRawAsync();
        await socket.SendAsync(new byte[] { 22, 3, 1, 2, 0, 1 }).WithinLimit();
        if (reset) socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.HandshakeFailed, end.Reason);
        Assert.Contains("in the middle of the handshake", end.Detail, StringComparison.Ordinal);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_client_that_comes_back_with_its_session_is_let_in_again()
    {
        await using var host = new TestHost();
        for (int i = 0; i < 3; i++)
        {
            (SslStream stream, Socket socket) = await host.ConnectTlsAsync();
            await TestHost.EchoAsync(stream, 10);
            await stream.ShutdownAsync().WithinLimit();
            stream.Dispose();
            socket.Dispose();
        }

        await host.AssertNothingIsHeldAsync();
        Assert.Equal(3, host.Host.Statistics.HandshakesDone);
    }

    // Under TLS 1.3 the client's side of the handshake is over before the server has looked: the refusal comes with the first read.
    private static async Task AssertRefusedAsync(TestHost host, Func<Task<(SslStream Stream, Socket Socket)>> connect)
    {
        Exception? refusal = await Record.ExceptionAsync(async () =>
        {
            (SslStream stream, _) = await connect();
            if (await stream.ReadAsync(new byte[1]).WithinLimit() == 0) throw new IOException("closed");
        });
        Assert.NotNull(refusal);
        Assert.Equal(0, host.Host.Statistics.Io.BytesSent);
    }

    private static async Task<int> ReadOrResetAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WithinLimit();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }
}
