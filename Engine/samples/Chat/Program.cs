// A chat over mutual TLS: lines of text, and the name of each member is that of its certificate.
//   dotnet run --project Engine/samples/Chat -- 127.0.0.1:7500 certs/dev
//   openssl s_client -quiet -connect 127.0.0.1:7500 -CAfile certs/dev/ca.pem -cert certs/dev/client.pem -key certs/dev/client-key.pem
using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Framing;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;

if (args is not [string address, string certs])
{
    Console.Error.WriteLine("Usage: chat ADDRESS:PORT CERTIFICATES");
    return 2;
}

using var identity = TlsIdentity.FromPem(Path.Combine(certs, "server.pem"), Path.Combine(certs, "server-key.pem"));
var tls = new TlsServerOptions { Identity = identity, TrustedRoots = TrustStore.Read(Path.Combine(certs, "ca.pem")) };
await using var host = new ConnectionHost(new EngineOptions { IdleTimeout = TimeSpan.FromHours(1) });
IPEndPoint listening = host.Listen(IPEndPoint.Parse(address), new TlsServerHandler(new ChatHandler(), tls));
Console.WriteLine($"Listening on {listening}");

var stop = new TaskCompletionSource();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await stop.Task;
await host.StopAsync(TimeSpan.FromSeconds(5));
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

/// <summary>Gives each line of a member to all others.</summary>
internal sealed class ChatHandler() : MessageHandler(LineFraming.WithLf, maxMessageBytes: 1000)
{
    // A member that does not keep up is sent away before it costs memory.
    private const long MostUnsent = 64 * 1024;

    private readonly ConcurrentDictionary<long, MessageConnection> _members = new();

    protected override async Task ServeAsync(MessageConnection messages)
    {
        Connection connection = messages.Connection;
        string name = connection.Tls?.Peer?.Names is [string first, ..] ? first : $"#{connection.Id}";
        _members[connection.Id] = messages;
        try
        {
            Tell(connection.Id, $"* {name} came");
            while (await messages.ReadAsync() is { } line)
                Tell(connection.Id, $"{name}: {Encoding.UTF8.GetString(line.GetReadOnlySequence())}");
        }
        finally
        {
            _members.TryRemove(connection.Id, out _);
            Tell(connection.Id, $"* {name} left");
        }
    }

    private void Tell(long from, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        foreach ((long id, MessageConnection member) in _members)
        {
            if (id != from) _ = TellAsync(member, bytes);
        }
    }

    // Nobody waits for a slow member.
    private static async Task TellAsync(MessageConnection member, byte[] line)
    {
        try
        {
            if (member.UnsentBytes > MostUnsent) member.Connection.Abort(CloseReason.WriteTimeout, "The member does not keep up.");
            await member.WriteAsync(line);
            await member.FlushAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has left.
        }
    }
}
