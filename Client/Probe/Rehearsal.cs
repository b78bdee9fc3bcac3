using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>
/// A handshake with a server inside this process, before the clock counts: the first connect and the first handshake of a .NET
/// process spend most of their time on loading and compiling code, and the report would show that as the server's time.
/// </summary>
internal static class Rehearsal
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Holds it. Where that cannot be done, the probe goes on without.</summary>
    public static async Task RunAsync(Handshakes handshakes)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rehearsal", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            Socket socket = await AddressDialer.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, Longest);
            Task serving = ServeAsync(await listener.AcceptAsync(), certificate);
            await using (await handshakes.RunAsync(socket))
            {
            }

            await serving;
        }
        catch (Exception e) when (e is SocketException or ConnectException)
        {
            // No loopback address, no free port: the real connection will tell what matters of it.
        }
    }

    private static async Task ServeAsync(Socket socket, X509Certificate2 certificate)
    {
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(certificate);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // This client trusts no such certificate: the rehearsal ends here, as it should.
        }
    }
}
