using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>
/// A handshake with a server inside this process, before the clock counts: the first connect and the first handshake of a .NET
/// process spend most of their time on loading and compiling code, and the report would show that as the server's time.
/// </summary>
internal static class Rehearsal
{
    /// <summary>Shakes hands once. Where that cannot be done, the probe goes on without.</summary>
    public static async Task RunAsync(EngineClient client, Handshakes handshakes)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rehearsal", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using TlsIdentity identity = TlsIdentity.FromCertificate(request.CreateSelfSigned(now.AddMinutes(-1), now.AddMinutes(1)));
        var tls = new TlsServerOptions { Identity = identity, TrustedRoots = [], RequireClientCertificate = false };
        await using var host = new ConnectionHost(new EngineOptions { MaxConnections = 1, PreallocatedConnections = 1 });
        try
        {
            IPEndPoint address = host.Listen(new IPEndPoint(IPAddress.Loopback, 0), new TlsServerHandler(new Nothing(), tls));
            // This client trusts no such certificate: the rehearsal ends with the handshake, as it should.
            await using TlsAttempt attempt = await handshakes.RunAsync(o => client.ConnectAsync(new ServerAddresses(address), o));
        }
        catch (Exception e) when (e is ListenException or ConnectException)
        {
            // No loopback address, no free port: the real connection will tell what matters of it.
        }
    }

    private sealed class Nothing : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => Task.CompletedTask;
    }
}
