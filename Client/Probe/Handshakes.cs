using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;

namespace RawEcho.Client.Probe;

/// <summary>Whether a server asks for a client certificate, and from which CAs.</summary>
/// <param name="Asked">Null when it did not come to light.</param>
/// <param name="Authorities">Names of CAs; empty when it takes any, or did not ask.</param>
internal sealed record RequestedCertificate(bool? Asked, IReadOnlyList<string> Authorities);

/// <summary>
/// The handshakes of a probe: as the load client does it, again for a resumed session, and one to learn what is asked for.
/// </summary>
internal sealed class Handshakes(ProbeSettings settings)
{
    private const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";

    // One object for all of them: whoever connects with the same one resumes the session of the one before. What is odd about the server's
    // certificate is among the findings, and need not be told besides.
    private readonly TlsClientOptions _tls = settings.Tls.ForClient(settings.ServerName) with
    {
        OnLegacyPeer = null,
        ApplicationProtocols = settings.Protocols,
    };

    /// <summary>Shakes hands as the load client does. The second one offers the session of the first.</summary>
    /// <param name="connect">Opens the connection.</param>
    /// <exception cref="Engine.Transport.ConnectException">There is no connection to shake hands over.</exception>
    public Task<TlsAttempt> RunAsync(Func<ConnectOptions, Task<Connection>> connect) => RunAsync(connect, _tls);

    /// <summary>
    /// Shakes hands to learn which certificate is asked for. Under TLS 1.3 the request is encrypted, and the platform tells it to a
    /// selection callback alone, which it does not call when it has a certificate with its intermediates: hence one more connection.
    /// </summary>
    /// <param name="connect">Opens the connection.</param>
    /// <exception cref="Engine.Transport.ConnectException">There is no connection to shake hands over.</exception>
    public async Task<RequestedCertificate> LearnRequestAsync(Func<ConnectOptions, Task<Connection>> connect)
    {
        IReadOnlyList<string>? asked = null;
        TlsClientOptions listening = _tls with
        {
            AllowResumption = false,
            SelectIdentity = authorities =>
            {
                asked = authorities;
                return CanShowAlone(settings.Tls.Identity) ? settings.Tls.Identity : null;
            },
        };
        await using TlsAttempt attempt = await RunAsync(connect, listening);
        if (asked is not null) return new(true, asked);
        return new(attempt.Server is null ? null : false, []);
    }

    private Task<TlsAttempt> RunAsync(Func<ConnectOptions, Task<Connection>> connect, TlsClientOptions tls) =>
        TlsAttempt.RunAsync(trace => connect(new ConnectOptions { Tls = tls, Trace = trace }), settings);

    // The platform would look for the intermediates of a lone certificate by itself, on the network too if the certificate says where.
    private static bool CanShowAlone(TlsIdentity? identity) =>
        identity is { Intermediates.Count: 0 } && identity.Certificate.Extensions[AuthorityInformationAccess] is null;
}
