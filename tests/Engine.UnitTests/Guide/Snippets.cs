using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IO;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Framing;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.UnitTests.Guide;

// #region LineEcho
public sealed class LineEcho() : MessageHandler(LineFraming.WithLf)
{
    protected override async Task ServeAsync(MessageConnection messages)
    {
        while (await messages.ReadAsync() is { } line) await messages.WriteAsync(line);
    }
}
// #endregion

// #region MessageLimits
public sealed class ShortLines() : MessageHandler(LineFraming.WithCrLf, maxMessageBytes: 80)
{
    protected override async Task ServeAsync(MessageConnection messages)
    {
        while (await messages.ReadAsync() is { } line)
        {
            string text = Encoding.UTF8.GetString(line.GetReadOnlySequence());
            await messages.WriteAsync(Encoding.UTF8.GetBytes(text.ToUpperInvariant()));
        }
    }
}
// #endregion

// #region Violation
public sealed class Metered() : MessageHandler(LineFraming.WithLf, maxMessageBytes: 200)
{
    protected override async Task ServeAsync(MessageConnection messages)
    {
        string peer = messages.Connection.Tls?.Peer?.Subject ?? "a peer without a certificate";
        for (int lines = 0; await messages.ReadAsync() is { } line; lines++)
        {
            if (lines == 1000) throw MessageException.Violation($"{peer} sent more than 1,000 lines.");
            await messages.WriteAsync(line);
        }
    }
}
// #endregion

// #region Observer
public sealed class Journal : IConnectionObserver
{
    public void OnClosed(ConnectionLifetime connection) => Console.WriteLine(
        $"{connection.RemoteEndPoint} {connection.Peer?.Subject ?? "(nobody let in)"}: {connection.End}");
}
// #endregion

// #region Bytes
public sealed class Echo : IConnectionHandler
{
    public async Task HandleAsync(Connection connection)
    {
        while (true)
        {
            await connection.WaitForNextMessageAsync();
            using IMemoryOwner<byte> buffer = connection.RentBuffer();
            int received = await connection.ReadAsync(buffer.Memory);
            if (received == 0) return;
            await connection.WriteAsync(buffer.Memory[..received]);
        }
    }
}
// #endregion

/// <summary>The code of docs/engine.md: it is compiled here, and <see cref="GuideTests"/> compares it.</summary>
[SuppressMessage("Maintainability", "CA1822", Justification = "Code of the guide.")]
internal sealed class Snippets
{
    public static async Task HostAsync()
    {
        // #region Host
        using TlsIdentity identity = TlsIdentity.FromPem("server.pem", "server-key.pem");
        var tls = new TlsServerOptions { Identity = identity, TrustedRoots = TrustStore.Read("ca.pem") };
        await using var host = new ConnectionHost(new EngineOptions());
        IPEndPoint address = host.Listen(new IPEndPoint(IPAddress.Loopback, 7600), new TlsServerHandler(new LineEcho(), tls));
        Console.WriteLine($"Listening on {address}");

        var stop = new TaskCompletionSource();
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        await stop.Task;
        await host.StopAsync(TimeSpan.FromSeconds(20));
        // #endregion
    }

    public static void ListenBehindBalancer(ConnectionHost host, TlsServerOptions tls)
    {
        // #region Balancer
        var proxies = new ProxyProtocolOptions { Proxies = [IPNetwork.Parse("10.0.0.0/24")] };
        host.Listen(new IPEndPoint(IPAddress.Any, 7443), new ProxyProtocolHandler(new TlsServerHandler(new LineEcho(), tls), proxies));
        // #endregion
    }

    public static async Task<RecyclableMemoryStream?> ClientAsync(TlsIdentity identity, IPEndPoint server)
    {
        // #region Client
        var tls = new TlsClientOptions { ServerName = "localhost", Identity = identity, TrustedRoots = TrustStore.Read("ca.pem") };
        await using var client = new EngineClient(tls);
        await using Connection connection = await client.ConnectAsync(server);
        using var messages = new MessageConnection(connection, LineFraming.WithLf);
        await messages.WriteAsync("hello"u8.ToArray());
        RecyclableMemoryStream? answer = await messages.ReadAsync();
        // #endregion
        return answer;
    }

    public static async Task ConnectOptionsAsync(
        EngineClient client, IPEndPoint[] addresses, TlsIdentity identity, X509Certificate2Collection roots)
    {
        // #region ConnectOptions
        var options = new ConnectOptions
        {
            Tls = new TlsClientOptions { ServerName = "billing.example.org", Identity = identity, TrustedRoots = roots },
            Source = family => family == AddressFamily.InterNetwork ? IPAddress.Parse("192.0.2.7") : null,
        };
        await using Connection connection = await client.ConnectAsync(new ServerAddresses(addresses), options);
        // #endregion
    }

    public static void GenericHost(IHostApplicationBuilder builder, TlsIdentity identity)
    {
        // #region GenericHost
        builder.Services.AddSingleton<IConnectionObserver, Journal>();
        builder.Services.AddRawEcho<LineEcho>(options =>
        {
            options.EndPoints.Add(new IPEndPoint(IPAddress.Loopback, 7600));
            options.Tls = new TlsServerOptions { Identity = identity, TrustedRoots = TrustStore.Read("ca.pem") };
            options.DrainTimeout = TimeSpan.FromSeconds(10);
        });
        // #endregion
    }

    public static async Task LoggingAsync(ILogger logger)
    {
        // #region Logging
        await using var host = new ConnectionHost(new EngineOptions(), new LoggingObserver(logger), new Journal());
        // #endregion
    }

    public static void Process()
    {
        // #region Process
        EngineProcess.LimitNativeHeaps();
        EngineProcess.LimitTlsSuites();
        EngineProcess.Configure(new EngineProcessOptions { EventLoops = 2 });
        // #endregion
    }

    public static TlsServerOptions Rule(TlsIdentity identity, X509Certificate2Collection roots)
    {
        // #region Rule
        var options = new TlsServerOptions
        {
            Identity = identity,
            TrustedRoots = roots,
            Admission = new PeerAdmission { Rule = peer => peer.Names.Contains("cn:billing") ? null : "Only billing may connect." },
        };
        // #endregion
        return options;
    }

    public static async Task OffLoopAsync(MessageConnection messages, byte[] request)
    {
        // #region OffLoop
        byte[] answer = await Task.Run(() => Compute(request));
        await messages.WriteAsync(answer);
        // #endregion
    }

    private static byte[] Compute(byte[] request) => request;
}
