using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Client.Probe;

/// <summary>
/// A handshake with a server inside this process, before the clock counts: the first connect and the first handshake of a .NET
/// process spend most of their time on loading and compiling code, and the report would show that as the server's time.
/// </summary>
internal static class Rehearsal
{
    public static async Task RunAsync(Handshakes handshakes)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rehearsal", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Task serving = ServeAsync(listener, certificate);
        Socket socket = await AddressDialer.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, Timeout.InfiniteTimeSpan);
        await using (await handshakes.RunAsync(socket))
        {
        }

        await serving;
    }

    private static async Task ServeAsync(Socket listener, X509Certificate2 certificate)
    {
        await using var stream = new SslStream(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
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
