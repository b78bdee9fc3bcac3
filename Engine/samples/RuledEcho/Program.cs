// An echo over mutual TLS with a rule of its own: a client comes in when one of its certificate's URIs is below the one that is named, such
// as spiffe://example.org/team/ (SPIFFE ID, https://spiffe.io).
//   dotnet run --project Engine/samples/RuledEcho -- 127.0.0.1:7502 certs/dev spiffe://example.org/team/
using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;

if (args is not [string address, string certs, string prefix])
{
    Console.Error.WriteLine("Usage: ruledecho ADDRESS:PORT CERTIFICATES URI");
    return 2;
}

using var identity = TlsIdentity.FromPem(Path.Combine(certs, "server.pem"), Path.Combine(certs, "server-key.pem"));
var tls = new TlsServerOptions
{
    Identity = identity,
    TrustedRoots = TrustStore.Read(Path.Combine(certs, "ca.pem")),
    // Asked at every handshake, resumed ones included.
    Admission = new PeerAdmission
    {
        Rule = peer =>
            peer.Names.Any(n => n.StartsWith($"uri:{prefix}", StringComparison.Ordinal)) ? null : $"It has no URI below {prefix}.",
    },
};
await using var host = new ConnectionHost(new EngineOptions(), new Announcer());
IPEndPoint listening = host.Listen(IPEndPoint.Parse(address), new TlsServerHandler(new Echo(), tls));
Console.WriteLine($"Listening on {listening}");

var stop = new TaskCompletionSource();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s =>
{
    s.Cancel = true;
    stop.TrySetResult();
});
await stop.Task;
await host.StopAsync(TimeSpan.FromSeconds(5));
return 0;

/// <summary>Gives back what it gets.</summary>
internal sealed class Echo : IConnectionHandler
{
    public async Task HandleAsync(Connection connection)
    {
        while (true)
        {
            // Waiting costs no buffer: one is rented only while bytes are in hand.
            await connection.WaitForNextMessageAsync();
            using IMemoryOwner<byte> buffer = connection.RentBuffer();
            int received = await connection.ReadAsync(buffer.Memory);
            if (received == 0) return;
            await connection.WriteAsync(buffer.Memory[..received]);
        }
    }
}

/// <summary>Says how connections end.</summary>
internal sealed class Announcer : IConnectionObserver
{
    public void OnClosed(ConnectionLifetime connection) =>
        Console.WriteLine($"Connection {connection.Id} from {connection.RemoteEndPoint}: {connection.End}");
}
