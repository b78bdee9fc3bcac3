// The least that an echo over SslStream costs: the socket's own pooled SocketAsyncEventArgs (NetworkStream), completions on one event loop,
// a buffer for each connection that is kept, and nothing else: no limits, no timeouts, no counters, no way to stop.
// Usage: bare-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

const int MaxRecord = 16 * 1024;

if (args is not [var port, var ca, var cert, var key, var version])
{
    Console.Error.WriteLine("Usage: bare-echo PORT CA.pem CERT.pem KEY.pem 1.2|1.3");
    return 2;
}

// Read when the first socket is opened.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
policy.CustomTrustStore.ImportFromPemFile(ca);
using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(cert, key);
var tls = new SslServerAuthenticationOptions
{
    ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
    ClientCertificateRequired = true,
    CertificateChainPolicy = policy,
    EnabledSslProtocols = Enum.Parse<SslProtocols>("Tls" + version.Replace(".", "")),
};

using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, int.Parse(port)));
listener.Listen(1024);
Console.WriteLine($"Listening on {listener.LocalEndPoint}");
while (true) _ = ServeAsync(await listener.AcceptAsync(), tls);

static async Task ServeAsync(Socket socket, SslServerAuthenticationOptions tls)
{
    try
    {
        socket.NoDelay = true;
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsServerAsync(tls);
        byte[] buffer = new byte[MaxRecord];
        while (await stream.ReadAsync(buffer) is var received and > 0) await stream.WriteAsync(buffer.AsMemory(0, received));
    }
    catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
    {
        // The peer is gone, which concerns nobody here.
    }
}
