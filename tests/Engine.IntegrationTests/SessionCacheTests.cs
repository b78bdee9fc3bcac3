using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>No SSL_CTX of a server keeps a session, whatever its peer is like; resumption by ticket goes on.</summary>
public partial class SessionCacheTests
{
    private const int CountOfSessions = 20;
    private const int CountOfAccepts = 24;
    private static readonly ConcurrentDictionary<nint, bool> Contexts = new();
    private static bool _isWatching;

    public static bool IsKnownPlatform => OpenSslMemoryTests.IsKnownPlatform;

    [Theory(SkipUnless = nameof(IsKnownPlatform), Skip = "The TLS library here is not OpenSSL 3.")]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, false)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task No_session_is_kept_of_peers_that_were_accepted_or_refused(SslProtocols protocol, bool takesTickets)
    {
        const int peers = 5;
        Assert.True(SessionCache.TurnOff());
        Watch();
        await using var host = new TestHost();
        using var stranger = new TestPki("CN=stranger");
        using X509Certificate2 refused = stranger.Issue(new Leaf());
        for (int i = 0; i < peers; i++)
        {
            await AttemptAsync(host, protocol, takesTickets, host.ClientIdentity.Certificate);
            await AttemptAsync(host, protocol, takesTickets, refused);
        }

        // The first connection of a certificate has another SSL_CTX than those that follow: all that were seen on this side are asked.
        nint[] servers = [.. Contexts.Keys.Where(context => SSL_CTX_ctrl(context, CountOfAccepts, 0, 0) > 0)];
        Assert.NotEmpty(servers);
        Assert.All(servers, context => Assert.Equal(0, SSL_CTX_ctrl(context, CountOfSessions, 0, 0)));
    }

    [Theory(SkipUnless = nameof(IsKnownPlatform), Skip = "The TLS library here is not OpenSSL 3.")]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Sessions_are_resumed_by_ticket(SslProtocols protocol)
    {
        await using var host = new TestHost();
        // One options object: a client of .NET keeps its tickets with it.
        SslClientAuthenticationOptions client = host.AsClient(protocols: protocol);
        var resumed = new List<bool>();
        for (int i = 0; i < 3; i++)
        {
            Socket socket = await host.ConnectRawAsync();
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsClientAsync(client).WithinLimit();
            await TestHost.EchoAsync(stream, 10);
            resumed.Add(IsResumed(stream));
            await stream.ShutdownAsync().WithinLimit();
        }

        Assert.Equal([false, true, true], resumed);
    }

    private static async Task AttemptAsync(TestHost host, SslProtocols protocol, bool takesTickets, X509Certificate2 certificate)
    {
        SslClientAuthenticationOptions client = host.AsClient(certificate, protocol);
        client.AllowTlsResume = takesTickets;
        Socket socket = await host.ConnectRawAsync();
        await using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsClientAsync(client).WithinLimit();
            await TestHost.EchoAsync(stream, 10);
            await stream.ShutdownAsync().WithinLimit();
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Refused, which is what some of them are here for.
        }
    }

    // Every context is kept alive, so that it can be asked at the end.
    private static unsafe void Watch()
    {
        if (!_isWatching) Assert.True(CRYPTO_get_ex_new_index(0, 0, 0, &OnNewSsl, null, null) >= 0);
        _isWatching = true;
    }

    [UnmanagedCallersOnly]
    private static void OnNewSsl(nint ssl, nint pointer, nint data, int index, nint number, nint argument)
    {
        nint context = SSL_get_SSL_CTX(ssl);
        if (Contexts.TryAdd(context, true)) _ = SSL_CTX_up_ref(context);
    }

    private static bool IsResumed(SslStream stream)
    {
        var inner = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;
        var handle = (SafeHandle)typeof(SslStream).GetField("_securityContext", inner)!.GetValue(stream)!;
        return SSL_session_reused(handle.DangerousGetHandle()) == 1;
    }

    [LibraryImport("libcrypto.so.3")]
    private static unsafe partial int CRYPTO_get_ex_new_index(
        int classIndex, nint number, nint argument, delegate* unmanaged<nint, nint, nint, int, nint, nint, void> created,
        void* duplicated, void* freed);

    [LibraryImport("libssl.so.3")]
    private static partial nint SSL_get_SSL_CTX(nint ssl);

    [LibraryImport("libssl.so.3")]
    private static partial int SSL_CTX_up_ref(nint context);

    [LibraryImport("libssl.so.3")]
    private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, nint pointer);

    [LibraryImport("libssl.so.3")]
    private static partial int SSL_session_reused(nint ssl);
}
