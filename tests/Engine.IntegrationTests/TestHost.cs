using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Server;
using RawEcho.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)]

namespace RawEcho.Engine.IntegrationTests;

/// <summary>An echo server on loopback, with its PKI, and foreign clients (plain SslStream over plain NetworkStream).</summary>
internal sealed class TestHost : IAsyncDisposable, IConnectionObserver
{
    private readonly TestPki _pki = new();
    private readonly List<IDisposable> _clients = [];

    public TestHost(
        EngineOptions? options = null, IConnectionHandler? handler = null, bool tls = true, bool mutual = true,
        TimeSpan? handshakeTimeout = null)
    {
        Host = new ConnectionHost(options ?? new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(300) }, this);
        handler ??= new EchoHandler();
        ServerIdentity = _pki.Identity(new Leaf { Subject = "CN=server", Purposes = [TestPki.ServerAuth] });
        ClientIdentity = _pki.Identity(new Leaf { Subject = "CN=client", Purposes = [TestPki.ClientAuth] });
        ServerOptions = new TlsServerOptions
        {
            Identity = ServerIdentity,
            TrustedRoots = _pki.Roots,
            RequireClientCertificate = mutual,
            HandshakeTimeout = handshakeTimeout ?? TimeLimit.Default,
        };
        Tls = new TlsServerHandler(handler, ServerOptions);
        if (tls) handler = Tls;

        EndPoint = Host.Listen(new IPEndPoint(IPAddress.Loopback, 0), handler);
        Baseline = Host.Statistics.Pools;
    }

    public ConnectionHost Host { get; }

    public IPEndPoint EndPoint { get; }

    public TestPki Pki => _pki;

    public TlsServerOptions ServerOptions { get; }

    public TlsServerHandler Tls { get; }

    public TlsIdentity ServerIdentity { get; }

    public TlsIdentity ClientIdentity { get; }

    public Telemetry.PoolCounts Baseline { get; }

    public ConcurrentQueue<ConnectionEnd> Endings { get; } = new();

    public ConcurrentQueue<(EndPoint? Remote, CloseReason Reason)> Refusals { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    // One loop for the whole process: what starves or blocks it shows.
    [ModuleInitializer]
    internal static void OneEventLoop()
    {
        EngineProcess.Configure(new EngineProcessOptions { EventLoops = 1 });
        // Before the first SslStream: the runtime looks once.
        ForgedRecords.KeepSecrets();
    }

    public TlsClientOptions ClientOptions(TlsIdentity? identity = null) =>
        new() { Identity = identity ?? ClientIdentity, TrustedRoots = _pki.Roots, ServerName = "localhost" };

    /// <summary>The socket of the client that was made last.</summary>
    public Socket LastClient { get; private set; } = null!;

    public async Task<Socket> ConnectRawAsync(IPEndPoint? endPoint = null, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_clients) _clients.Add(LastClient = socket);
        if (from is not null) socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(endPoint ?? EndPoint).WithinLimit();
        return socket;
    }

    public async Task<(SslStream Stream, Socket Socket)> ConnectTlsAsync(
        X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None, bool showCertificate = true,
        IPEndPoint? endPoint = null)
    {
        Socket socket = await ConnectRawAsync(endPoint);
        var stream = new SslStream(new NetworkStream(socket));
        lock (_clients) _clients.Add(stream);
        await stream.AuthenticateAsClientAsync(AsClient(certificate, protocols, showCertificate)).WithinLimit();
        return (stream, socket);
    }

    /// <summary>What a foreign client needs for its handshake.</summary>
    public SslClientAuthenticationOptions AsClient(
        X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None, bool showCertificate = true) => new()
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            ClientCertificateContext = showCertificate
            ? SslStreamCertificateContext.Create(certificate ?? ClientIdentity.Certificate, additionalCertificates: null, offline: true)
            : null,
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { _pki.Roots[0] },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };

    public static async Task EchoAsync(Stream stream, int size)
    {
        byte[] sent = new byte[size];
        Random.Shared.NextBytes(sent);
        byte[] received = new byte[size];
        Task writing = stream.WriteAsync(sent).AsTask();
        await stream.ReadExactlyAsync(received).WithinLimit();
        await writing.WithinLimit();
        Assert.Equal(sent, received);
    }

    public async Task<ConnectionEnd> NextEndingAsync()
    {
        ConnectionEnd end = default;
        await TimeLimit.Until(() => Endings.TryDequeue(out end), "a connection has ended");
        return end;
    }

    /// <summary>All that was rented is back.</summary>
    public Task AssertNothingIsHeldAsync() => TimeLimit.Until(
        () => Host.Statistics is { ConnectionsOpen: 0 } s && s.Pools.ArgsInUse == Baseline.ArgsInUse && s.Pools.BuffersInUse == 0,
        $"all args and buffers are back ({Host.Statistics})");

    public void OnClosed(ConnectionLifetime connection) => Endings.Enqueue(connection.End);

    public void OnRefused(EndPoint? remote, CloseReason reason) => Refusals.Enqueue((remote, reason));

    public void OnHandlerFault(ConnectionLifetime connection, Exception fault) => Faults.Enqueue(fault);

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in _clients) client.Dispose();
        await Host.DisposeAsync().WithinLimit();
        _pki.Dispose();
    }
}
