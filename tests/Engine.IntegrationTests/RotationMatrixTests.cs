using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;
using RawEcho.Testing;
using RawEcho.Testing.Processes;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>
/// What changes between two connections of a client, by version of TLS, kind of the handshake before, and whether the client keeps its
/// sessions. Who may come in does so with the second attempt at the latest; who may not never does.
/// </summary>
public sealed class RotationMatrixTests : IDisposable
{
    private const int Attempts = 3;

    private readonly TempFolder _folder = new();
    private readonly Party _root = new("CN=Rotation root"), _other = new("CN=Another root"), _mid = new("CN=Rotation intermediate");
    private readonly Party _peer = new("CN=rotation client");
    private readonly X509Certificate2 _rootCa, _otherCa, _midCa, _leaf;

    public RotationMatrixTests()
    {
        (_rootCa, _otherCa, _midCa) = (Authority().Sign(_root, _root), Authority().Sign(_other, _other), Authority().Sign(_mid, _root));
        _leaf = Peer().Sign(_peer, _mid);
    }

    public enum Change
    {
        CaAdded,
        CaRemoved,
        CaReplaced,
        IntermediateRenewed,
        ClientRenewed,
        ClientRevoked,
        ClientRevokedAndReplaced,
        ListReplaced,
        ServerReplaced,
    }

    public static TheoryData<Change, string, bool, bool> Matrix()
    {
        var rows = new TheoryData<Change, string, bool, bool>();
        foreach (Change change in Enum.GetValues<Change>())
        {
            foreach (string version in new[] { "-tls1_2", "-tls1_3" })
            {
                foreach (bool wasResumed in new[] { false, true })
                {
                    rows.Add(change, version, wasResumed, true);
                    rows.Add(change, version, wasResumed, false);
                }
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Who_may_come_in_does_so_and_nobody_else(Change change, string version, bool wasResumed, bool keepsSessions)
    {
        await Requires.OpenSslAsync();
        await using var host = new TestHost();
        TlsServerOptions before = host.ServerOptions with { TrustedRoots = [_rootCa], Admission = Revoking() };
        host.Tls.Update(before);
        var client = new Client(this, host, version);
        client.Shows("leaf", _leaf, _midCa);
        Assert.Equal(Answer.Full, await client.ConnectAsync(mayResume: false));
        if (wasResumed) Assert.Equal(Answer.Resumed, await client.ConnectAsync(mayResume: true));

        using var changed = new Changed(this, client, host);
        bool mayComeIn = changed.Apply(change, before);
        var answers = new List<Answer>();
        for (int i = 0; i < Attempts; i++) answers.Add(await client.ConnectAsync(keepsSessions));
        if (!mayComeIn) Assert.All(answers, a => Assert.Equal(Answer.Refused, a));
        else Assert.DoesNotContain(Answer.Refused, answers.Skip(1));
        if (keepsSessions && change is Change.CaAdded or Change.ListReplaced or Change.IntermediateRenewed)
            Assert.All(answers, a => Assert.Equal(keepsSessions ? Answer.Resumed : Answer.Full, a));
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_that_renews_an_expired_certificate_is_in_with_its_second_attempt(string version)
    {
        await Requires.OpenSslAsync();
        var life = TimeSpan.FromSeconds(4);
        await using var host = new TestHost();
        host.Tls.Update(host.ServerOptions with { TrustedRoots = [_rootCa] });
        var client = new Client(this, host, version);
        DateTimeOffset made = DateTimeOffset.UtcNow;
        using X509Certificate2 brief = (Peer() with { NotAfter = life }).Sign(_peer, _mid), renewed = Peer().Sign(_peer, _mid);
        client.Shows("brief", brief, _midCa);
        Assert.Equal(Answer.Full, await client.ConnectAsync(mayResume: false));
        TimeSpan left = made + life + TimeSpan.FromSeconds(1) - DateTimeOffset.UtcNow;
        if (left > TimeSpan.Zero) await Task.Delay(left, TestContext.Current.CancellationToken);
        client.Shows("renewed", renewed, _midCa);
        Assert.Equal(Answer.Refused, await client.ConnectAsync(mayResume: true));
        Assert.Equal(Answer.Full, await client.ConnectAsync(mayResume: true));
        Assert.Equal(Answer.Resumed, await client.ConnectAsync(mayResume: true));
    }

    [Fact]
    public async Task A_server_that_the_client_refused_once_is_asked_for_a_full_handshake_the_next_time()
    {
        await using var host = new TestHost();
        string? objection = null;
        TlsClientOptions options = host.ClientOptions() with { Admission = new PeerAdmission { Rule = _ => objection } };
        await using var client = new Hosting.EngineClient(options);
        Assert.False(await IsResumedAsync());
        Assert.True(await IsResumedAsync());
        objection = "Not now.";
        await Assert.ThrowsAsync<ConnectionEndedException>(IsResumedAsync);
        objection = null;
        Assert.False(await IsResumedAsync());

        async Task<bool?> IsResumedAsync()
        {
            await using Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
            await connection.WriteAsync("hello"u8.ToArray());
            Assert.Equal("hello".Length, await connection.ReadAsync(new byte["hello".Length]));
            return connection.Tls!.IsResumed;
        }
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in new[] { _rootCa, _otherCa, _midCa, _leaf }) certificate.Dispose();
        foreach (Party party in new[] { _root, _other, _mid, _peer }) party.Dispose();
        _folder.Dispose();
    }

    private PeerAdmission Revoking(params X509Certificate2[] revoked)
    {
        string lists = _folder.Write(
            "lists.pem",
            new RevocationListForge().SignToPem(_root) + new RevocationListForge { Revoked = revoked }.SignToPem(_mid)
            + new RevocationListForge().SignToPem(_other));
        return new PeerAdmission { Revocation = RevocationLists.Load([lists], [_rootCa, _otherCa]) };
    }

    private enum Answer
    {
        Full,
        Resumed,
        Refused,
    }

    /// <summary>openssl s_client, which keeps its session in a file.</summary>
    private sealed class Client(RotationMatrixTests test, TestHost host, string version)
    {
        private string[] _shown = [];

        public void Shows(string name, X509Certificate2 certificate, X509Certificate2? issuer)
        {
            string chain = issuer is null ? "" : issuer.ExportCertificatePem();
            _shown =
            [
                "-cert", test._folder.Write($"{name}.pem", certificate.ExportCertificatePem()),
                "-key", test._folder.Write($"{name}-key.pem", test._peer.Key.ExportPkcs8PrivateKeyPem()),
                .. chain.Length > 0 ? ["-cert_chain", test._folder.Write($"{name}-chain.pem", chain)] : Array.Empty<string>(),
            ];
        }

        public async Task<Answer> ConnectAsync(bool mayResume)
        {
            string session = test._folder["session"];
            string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{host.EndPoint.Port}");
            string[] resuming = mayResume && File.Exists(session) ? ["-sess_in", session] : [];
            await using var openssl = new ProgramProcess(
                Programs.OpenSsl!, ["s_client", "-connect", address, version, .. _shown, .. resuming, "-sess_out", session]);
            try
            {
                await openssl.TypeAsync("hello");
                // What openssl says of a ticket that comes just then may stand before it on the line.
                await openssl.WaitForLineAsync(l => l.EndsWith("hello", StringComparison.Ordinal), "the echo");
                openssl.CloseInput();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                await openssl.ExitAsync();
                return Answer.Refused;
            }

            IReadOnlyList<string> output = (await openssl.ExitAsync()).Output;
            return output.Any(l => l.StartsWith("Reused, ", StringComparison.Ordinal)) ? Answer.Resumed : Answer.Full;
        }
    }

    /// <summary>Makes a change, and keeps what it is made of until the test is over.</summary>
    private sealed class Changed(RotationMatrixTests test, Client client, TestHost host) : IDisposable
    {
        private readonly List<IDisposable> _owned = [];

        /// <returns>Whether the client may come in afterwards.</returns>
        public bool Apply(Change change, TlsServerOptions before)
        {
            switch (change)
            {
                case Change.CaAdded:
                    host.Tls.Update(before with { TrustedRoots = [test._rootCa, test._otherCa] });
                    return true;
                case Change.CaRemoved:
                    host.Tls.Update(before with { TrustedRoots = [test._otherCa] });
                    return false;
                case Change.CaReplaced:
                    host.Tls.Update(before with { TrustedRoots = [test._otherCa] });
                    client.Shows("other", Own(Peer().Sign(test._peer, test._other)), issuer: null);
                    return true;
                case Change.IntermediateRenewed:
                    client.Shows("leaf", test._leaf, Own(Authority().Sign(test._mid, test._root)));
                    return true;
                case Change.ClientRenewed:
                    client.Shows("renewed", Own(Peer().Sign(test._peer, test._mid)), test._midCa);
                    return true;
                case Change.ClientRevoked:
                    host.Tls.Update(before with { Admission = test.Revoking(test._leaf) });
                    return false;
                case Change.ClientRevokedAndReplaced:
                    host.Tls.Update(before with { Admission = test.Revoking(test._leaf) });
                    client.Shows("replaced", Own(Peer().Sign(test._peer, test._mid)), test._midCa);
                    return true;
                case Change.ListReplaced:
                    host.Tls.Update(before with { Admission = test.Revoking() });
                    return true;
                case Change.ServerReplaced:
                    host.Tls.Update(before with { Identity = Own(host.Pki.Identity(new Leaf { Subject = "CN=renewed server" })) });
                    return true;
                default:
                    throw new ArgumentOutOfRangeException(nameof(change));
            }
        }

        public void Dispose()
        {
            foreach (IDisposable owned in _owned) owned.Dispose();
        }

        private T Own<T>(T value) where T : IDisposable
        {
            _owned.Add(value);
            return value;
        }
    }
}
