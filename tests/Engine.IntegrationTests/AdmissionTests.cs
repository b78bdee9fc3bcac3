using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Revocation and allow-list at the handshake, and what a replaced setup does to connections that are open.</summary>
public sealed class AdmissionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_revoked_client_is_refused_and_another_one_comes_in()
    {
        await using var host = new TestHost();
        using X509Certificate2 revoked = host.Pki.Issue(new Leaf { Subject = "CN=revoked" });
        host.Tls.Update(host.ServerOptions with { Admission = Revoking(host, revoked) });
        await AssertRefusedAsync(host, revoked, "\"CN=revoked\" is revoked");
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 100);
    }

    [Fact]
    public async Task Who_is_not_on_the_allow_list_is_refused()
    {
        await using var host = new TestHost();
        using X509Certificate2 stranger = host.Pki.Issue(new Leaf { Subject = "CN=stranger" });
        host.Tls.Update(host.ServerOptions with { Admission = new PeerAdmission { Allowed = new PeerAllowList(["cn:client"]) } });
        await AssertRefusedAsync(host, stranger, "\"CN=stranger\" is not on the allow-list");
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 100);
    }

    [Fact]
    public async Task A_change_that_revokes_a_connected_client_ends_its_connections_and_no_others()
    {
        await using var host = new TestHost();
        using X509Certificate2 doomed = host.Pki.Issue(new Leaf { Subject = "CN=doomed" });
        (SslStream doomedStream, _) = await host.ConnectTlsAsync(doomed);
        (SslStream other, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(doomedStream, 100);
        await TestHost.EchoAsync(other, 100);

        Assert.Equal(1, host.Tls.Update(host.ServerOptions with { Admission = Revoking(host, doomed) }));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.AccessWithdrawn, end.Reason);
        Assert.Contains("CN=doomed", end.Detail, StringComparison.Ordinal);
        await TestHost.EchoAsync(other, 100);
        Assert.Equal(
            1, host.Tls.Update(host.ServerOptions with { Admission = new PeerAdmission { Allowed = new PeerAllowList(["cn:nobody"]) } }));
        Assert.Equal(CloseReason.AccessWithdrawn, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_list_that_becomes_stale_puts_nobody_out_but_lets_nobody_in()
    {
        await using var host = new TestHost();
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 100);
        host.Tls.Update(host.ServerOptions with
        {
            Admission = Revoking(host, new RevocationListForge { ThisUpdate = TimeSpan.FromDays(-2), NextUpdate = TimeSpan.FromDays(-1) }),
        });
        await TestHost.EchoAsync(stream, 100);
        await AssertRefusedAsync(host, host.ClientIdentity.Certificate, "stale since");
    }

    [Fact]
    public async Task A_new_certificate_is_shown_from_the_next_handshake_on_and_open_connections_go_on()
    {
        await using var host = new TestHost();
        (SslStream before, _) = await host.ConnectTlsAsync();
        TlsIdentity renewed = host.Pki.Identity(new Leaf { Subject = "CN=renewed server", Purposes = [TestPki.ServerAuth] });
        Assert.Equal(0, host.Tls.Update(host.ServerOptions with { Identity = renewed }));
        (SslStream after, _) = await host.ConnectTlsAsync();
        Assert.Equal(("CN=server", "CN=renewed server"), (before.RemoteCertificate!.Subject, after.RemoteCertificate!.Subject));
        await TestHost.EchoAsync(before, 100);
        await TestHost.EchoAsync(after, 100);
    }

    [Fact]
    public async Task A_CA_that_is_no_longer_trusted_lets_nobody_in_though_the_verdict_was_remembered()
    {
        await using var host = new TestHost();
        using var other = new TestPki("CN=Other CA");
        for (int i = 0; i < 2; i++) await TestHost.EchoAsync((await host.ConnectTlsAsync()).Stream, 10);
        host.Tls.Update(host.ServerOptions with { TrustedRoots = other.Roots });
        await AssertRefusedAsync(host, host.ClientIdentity.Certificate, "not from a trusted CA");
    }

    [Fact]
    public async Task Legacy_lets_in_what_strict_refuses_and_warns_once_for_each_certificate()
    {
        await using var host = new TestHost();
        using X509Certificate2 old = host.Pki.Issue(new Leaf { Subject = "CN=old", Purposes = null });
        await AssertRefusedAsync(host, old, "has no extended key usage; it must be made for a client");
        var warnings = new List<LegacyPeer>();
        await using var legacy = new Hosting.ConnectionHost(new EngineOptions());
        IPEndPoint endPoint = legacy.Listen(new IPEndPoint(IPAddress.Loopback, 0), new TlsServerHandler(
            new EchoHandler(), host.ServerOptions with { Policy = TlsPolicy.Legacy, OnLegacyPeer = warnings.Add }));
        for (int i = 0; i < 3; i++) await TestHost.EchoAsync((await host.ConnectTlsAsync(old, endPoint: endPoint)).Stream, 10);
        LegacyPeer warned = Assert.Single(warnings);
        Assert.Equal(("CN=old", WaivedRules.NoPurpose), (warned.Peer.Subject, warned.Waived));
        Assert.Equal("The certificate \"CN=old\" was accepted, and it has no extended key usage.", warned.ToString());
    }

    [Fact]
    public async Task Legacy_waives_no_revocation()
    {
        await using var host = new TestHost();
        using X509Certificate2 old = host.Pki.Issue(new Leaf { Subject = "CN=old", Purposes = null });
        host.Tls.Update(host.ServerOptions with { Policy = TlsPolicy.Legacy, Admission = Revoking(host, old) });
        await AssertRefusedAsync(host, old, "\"CN=old\" is revoked");
    }

    [Fact]
    public async Task A_handshake_that_was_under_way_when_its_peer_was_revoked_lets_nobody_in()
    {
        await using var host = new TestHost(new EngineOptions { MaxHandshakes = 1 });
        using X509Certificate2 doomed = host.Pki.Issue(new Leaf { Subject = "CN=doomed" });
        // The test takes the only place: the handshake has begun, with the setup of then, and waits.
        Assert.True(await host.Host.Handshakes.EnterAsync(begun: false).WithinLimit());
        Task refused = AssertRefusedAsync(host, doomed, "\"CN=doomed\" is revoked");
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesWaiting == 1, "it waits");
        host.Tls.Update(host.ServerOptions with { Admission = Revoking(host, doomed) });
        host.Host.Handshakes.Leave();
        await refused.WithinLimit();
    }

    [Fact]
    public async Task A_peer_that_is_put_out_at_the_very_end_of_its_handshake_is_not_served()
    {
        await using var host = new TestHost();
        using X509Certificate2 old = host.Pki.Issue(new Leaf { Subject = "CN=old", Purposes = null });
        var handler = new Counting();
        TlsServerHandler? tls = null;
        TlsServerOptions legacy = host.ServerOptions with { Policy = TlsPolicy.Legacy };
        // The warning comes when the peer has just been let in: a moment in which the list can change.
        TlsServerOptions closed = legacy with { Admission = new PeerAdmission { Allowed = new PeerAllowList([]) } };
        tls = new TlsServerHandler(handler, legacy with { OnLegacyPeer = _ => tls!.Update(closed) });
        await using var other = new Hosting.ConnectionHost(new EngineOptions(), host);
        IPEndPoint endPoint = other.Listen(new IPEndPoint(IPAddress.Loopback, 0), tls);
        await Record.ExceptionAsync(() => host.ConnectTlsAsync(old, endPoint: endPoint));
        Assert.Equal(CloseReason.AccessWithdrawn, (await host.NextEndingAsync()).Reason);
        Assert.Equal(0, handler.Served);
    }

    [Fact]
    public async Task A_peer_whose_certificate_was_never_asked_for_is_refused()
    {
        await using var host = new TestHost();
        // Everything as it should be, but for a handshake that does not call back.
        var setup = new TlsSetup(
            host.ServerOptions,
            new VerdictMemory(host.Pki.Roots, PeerRole.Client, expectedName: null, TlsPolicy.Strict),
            RequiresPeer: true,
            stream => stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = host.ServerIdentity.Certificate }));
        var handler = new Counting();
        await using var other = new Hosting.ConnectionHost(new EngineOptions(), host);
        IPEndPoint endPoint = other.Listen(new IPEndPoint(IPAddress.Loopback, 0), new Unasking(handler, setup));
        await Record.ExceptionAsync(() => host.ConnectTlsAsync(endPoint: endPoint));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
        Assert.Contains("was not verified", end.Detail, StringComparison.Ordinal);
        Assert.Equal(0, handler.Served);
    }

    [Fact]
    public async Task Revocation_in_the_middle_of_many_handshakes_leaves_nobody_in()
    {
        await using var host = new TestHost();
        using X509Certificate2 doomed = host.Pki.Issue(new Leaf { Subject = "CN=doomed" });
        PeerAdmission revoking = Revoking(host, doomed);
        Task[] clients =
            [.. Enumerable.Range(0, 24).Select(_ => Task.Run(async () => await Record.ExceptionAsync(() => host.ConnectTlsAsync(doomed))))];
        await Task.WhenAny(clients).WithinLimit();
        host.Tls.Update(host.ServerOptions with { Admission = revoking });
        await Task.WhenAll(clients).WithinLimit();
        await TimeLimit.Until(() => host.Host.Statistics.ConnectionsOpen == 0, "all connections have ended");
        Assert.All(host.Endings, e => Assert.True(
            e.Reason is CloseReason.AccessWithdrawn or CloseReason.PeerCertificateRefused
                or CloseReason.HandshakeFailed or CloseReason.PeerTruncated or CloseReason.PeerReset,
            e.ToString()));
    }

    public void Dispose() => _folder.Dispose();

    private PeerAdmission Revoking(TestHost host, params X509Certificate2[] revoked) =>
        Revoking(host, new RevocationListForge { Revoked = revoked });

    private PeerAdmission Revoking(TestHost host, RevocationListForge list)
    {
        using var issuer = new Party(host.Pki.Issuer.Subject, host.Pki.Issuer.GetECDsaPrivateKey());
        return new PeerAdmission { Revocation = RevocationLists.Load([_folder.Write("list.pem", list.SignToPem(issuer))], host.Pki.Roots) };
    }

    private sealed class Unasking(IConnectionHandler next, TlsSetup setup) : TlsConnectionHandler(next, setup);

    private sealed class Counting : IConnectionHandler
    {
        private int _served;

        public int Served => Volatile.Read(ref _served);

        public Task HandleAsync(Connection connection)
        {
            Interlocked.Increment(ref _served);
            return Task.CompletedTask;
        }
    }

    private static async Task AssertRefusedAsync(TestHost host, X509Certificate2 certificate, string reason)
    {
        await Record.ExceptionAsync(() => host.ConnectTlsAsync(certificate));
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
        Assert.Contains(reason, end.Detail, StringComparison.Ordinal);
    }
}
