using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// All that handshakes are done with, at one moment: immutable, shared by all connections, and replaced as a whole when a
/// certificate, a CA, a revocation list or an allow-list changes.
/// </summary>
/// <param name="Options">What the side chose.</param>
/// <param name="Verdicts">Evaluates the peers' certificates.</param>
/// <param name="RequiresPeer">True when the peer must show a certificate.</param>
/// <param name="AuthenticateAsync">Does the handshake.</param>
internal sealed record TlsSetup(
    TlsOptions Options,
    VerdictMemory Verdicts,
    bool RequiresPeer,
    Func<TlsStream, Task> AuthenticateAsync);
