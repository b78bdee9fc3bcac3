// The echo server as most would first write it, and as the C# original of RawEcho does: SslStream over NetworkStream,
// an array of 1,024 bytes for each connection, a Task.Delay beside each read for the idle timeout.
// Usage: simple-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

if (args is not [var port, var ca, var cert, var key, var version])
{
    Console.Error.WriteLine("Usage: simple-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3");
    return 2;
}

var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
policy.CustomTrustStore.ImportFromPemFile(ca);
var tls = new SslServerAuthenticationOptions
{
    ServerCertificate = X509Certificate2.CreateFromPemFile(cert, key),
    ClientCertificateRequired = true,
    CertificateChainPolicy = policy,
    EnabledSslProtocols = Protocol(version),
};

using var listener = new TcpListener(IPAddress.Loopback, int.Parse(port));
listener.Start();
Console.WriteLine($"Listening on {listener.LocalEndpoint}");
while (true) _ = ServeAsync(await listener.AcceptTcpClientAsync(), tls);

static SslProtocols Protocol(string version) => Enum.Parse<SslProtocols>("Tls" + version.Replace(".", ""));

static async Task ServeAsync(TcpClient client, SslServerAuthenticationOptions tls)
{
    try
    {
        // Not in the original: without it, large echoes would wait for delayed acknowledgements.
        client.NoDelay = true;
        using (client)
        await using (var stream = new SslStream(client.GetStream()))
        {
            await stream.AuthenticateAsServerAsync(tls);
            await EchoAsync(stream);
        }
    }
    catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
    {
        // The peer is gone, which concerns nobody here.
    }
}

static async Task EchoAsync(SslStream stream)
{
    byte[] buffer = new byte[1024];
    while (true)
    {
        using var timeout = new CancellationTokenSource();
        Task delay = Task.Delay(TimeSpan.FromSeconds(240), timeout.Token);
        Task<int> read = stream.ReadAsync(buffer, 0, buffer.Length, CancellationToken.None);
        if (await Task.WhenAny(delay, read) == delay) return;
        int received = await read;
        if (received == 0) return;
        await stream.WriteAsync(buffer.AsMemory(0, received));
        await timeout.CancelAsync();
    }
}
