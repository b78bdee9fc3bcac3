using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Client.Wire;

namespace RawEcho.Client.Probe;

/// <summary>An SslStream that keeps what its callbacks were given.</summary>
internal sealed class ProbeStream(WireTap tap) : SslStream(tap)
{
    /// <summary>What the server showed; null before that.</summary>
    public ServerChain? Server { get; set; }

    /// <summary>The names of the CAs whose certificates the server asks for; null when nobody listened, or it did not ask.</summary>
    public IReadOnlyList<string>? Authorities { get; set; }
}

/// <summary>One handshake: how far it came, and what is known of the server when it failed.</summary>
internal sealed class TlsAttempt : IAsyncDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private TlsAttempt(WireTap tap, ProbeStream stream) => (Tap, Stream) = (tap, stream);

    public WireTap Tap { get; }

    public ProbeStream Stream { get; }

    /// <summary>How long it took, to its end or to its failure.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>This side has completed it. Under TLS 1.3 the server may still refuse the client's certificate.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The server did not go on with it in time.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>What the platform said of its failure.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>What went over the wire in the clear.</summary>
    public PlainHandshake Plain { get; private set; } = new([], []);

    /// <summary>What the server showed; null when it came not so far.</summary>
    public ServerChain? Server { get; private set; }

    /// <summary>The certificate that this side has shown; null for none, and unless the handshake is complete.</summary>
    public X509Certificate2? Shown => IsComplete ? Stream.LocalCertificate as X509Certificate2 : null;

    /// <summary>Shakes hands over a connection and takes it over.</summary>
    public static async Task<TlsAttempt> RunAsync(System.Net.Sockets.Socket socket, SslClientAuthenticationOptions options, ProbeSettings settings)
    {
        var tap = new WireTap(socket);
        var attempt = new TlsAttempt(tap, new ProbeStream(tap));
        using var deadline = new CancellationTokenSource(settings.Tls.HandshakeTimeout);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            await attempt.Stream.AuthenticateAsClientAsync(options, deadline.Token);
            attempt.IsComplete = true;
        }
        catch (OperationCanceledException)
        {
            attempt.TimedOut = true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException)
        {
            attempt.Failure = e;
        }

        attempt.Time = clock.Elapsed;
        attempt.Plain = new PlainHandshake(tap.Received, tap.Sent);
        attempt.Server = attempt.Stream.Server ?? ServerChain.Of(attempt.Plain.Certificates, settings);
        return attempt;
    }

    /// <summary>Says goodbye where a handshake was completed, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (IsComplete && !Tap.HasEnded) await Stream.ShutdownAsync().WaitAsync(LongestGoodbye);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or CryptographicException)
        {
            // The server was quicker, or has sent an alert: there is nobody to say goodbye to.
        }

        await Stream.DisposeAsync();
    }
}
