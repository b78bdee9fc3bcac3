using RawEcho.Engine.Certificates;

namespace RawEcho.Engine;

/// <summary>
/// Why a connection ended. Every connection ends once, with exactly one of these; logs, metrics and tests use the same word.
/// </summary>
public enum CloseReason
{
    /// <summary>The connection is open.</summary>
    None = 0,

    /// <summary>The peer closed in order: close_notify under TLS (RFC 8446 section 6.1), FIN without it.</summary>
    PeerClosed,

    /// <summary>The peer's TCP stream ended without close_notify: under TLS, data may have been cut off.</summary>
    PeerTruncated,

    /// <summary>The peer reset the connection, or went away.</summary>
    PeerReset,

    /// <summary>The handler on this side was done first.</summary>
    LocalClosed,

    /// <summary>This side is stopping, and the connection was idle.</summary>
    Drained,

    /// <summary>This side is stopping, and the connection was still at work when the drain time was over.</summary>
    DrainTimeout,

    /// <summary>The limit on open connections was reached: refused before anything was read.</summary>
    Refused,

    /// <summary>The limit on open connections from one address was reached: refused before anything was read.</summary>
    RefusedAddress,

    /// <summary>The peer ended the connection before it sent a byte, as health checks and port scans do.</summary>
    EndedBeforeFirstByte,

    /// <summary>File descriptors were running out: refused before anything was read.</summary>
    RefusedDescriptors,

    /// <summary>
    /// The connection did not begin as the PROXY protocol wants it: no header where one must be, a bad one, two, or one that does not come
    /// from a proxy (<see cref="Proxy.ProxyProtocolOptions.Proxies"/>).
    /// </summary>
    ProxyHeaderInvalid,

    /// <summary>The header of the PROXY protocol did not come in its time.</summary>
    ProxyHeaderTimeout,

    /// <summary>
    /// The proxy's word is who the client is (<see cref="Proxy.ProxyProtocolOptions.TrustClientName"/>), and it named no client whose
    /// certificate it has verified.
    /// </summary>
    ProxyIdentityMissing,

    /// <summary>The handshake did not complete: no common version or cipher, garbage, or the peer gave up.</summary>
    HandshakeFailed,

    /// <summary>The handshake was not complete at its deadline.</summary>
    HandshakeTimeout,

    /// <summary>More handshakes waited for their turn than may, or this one for longer than it may: it was not begun.</summary>
    HandshakeQueueFull,

    /// <summary>The peer sent more than a handshake may before it was complete.</summary>
    HandshakeTooLarge,

    /// <summary>This side did not accept the certificate of the peer.</summary>
    PeerCertificateRefused,

    /// <summary>No application data moved for the idle timeout.</summary>
    IdleTimeout,

    /// <summary>The peer did not take what was sent to it for the write timeout.</summary>
    WriteTimeout,

    /// <summary>The peer sent records that bring no application data (KeyUpdate, empty records) beyond what is allowed.</summary>
    RecordFlood,

    /// <summary>The peer sent a message that is larger than this side takes.</summary>
    MessageTooLarge,

    /// <summary>What the peer sent is no message of the protocol.</summary>
    BadMessage,

    /// <summary>The peer ended its stream inside a message.</summary>
    MessageCutOff,

    /// <summary>The peer did not send the whole of a message within its time.</summary>
    MessageTimeout,

    /// <summary>
    /// The peer broke a rule of the service, such as a quota: for handlers to say so (<see cref="Framing.MessageException.Violation"/>,
    /// <see cref="Connection.Abort"/>).
    /// </summary>
    PolicyViolation,

    /// <summary>What the handler limited the time of was not done in time.</summary>
    OperationTimeout,

    /// <summary>The connection reached its maximum lifetime, and ended in order.</summary>
    LifetimeEnded,

    /// <summary>A record could not be decrypted or is not a TLS record.</summary>
    ProtocolError,

    /// <summary>The network failed in another way than a reset.</summary>
    TransportError,

    /// <summary>The handler threw: a defect on this side.</summary>
    HandlerFault,

    /// <summary>The peer was revoked, or taken off the allow-list, while it was connected.</summary>
    AccessWithdrawn,
}

/// <summary>How far a TLS handshake has come, as seen from one side of it.</summary>
public enum HandshakeProgress
{
    /// <summary>Not known, or of no matter.</summary>
    None = 0,

    /// <summary>Nothing has come from the peer.</summary>
    Unanswered,

    /// <summary>Something has come from the peer, and this side has sent nothing since.</summary>
    Answered,

    /// <summary>This side has sent something after the peer's first bytes: its certificate, mostly.</summary>
    Replied,
}

/// <summary>How a connection ended: the reason, and in words what a person can make use of.</summary>
/// <param name="Reason">The one reason; never <see cref="CloseReason.None"/>.</param>
/// <param name="Detail">One sentence, or null where the reason says it all.</param>
public readonly record struct ConnectionEnd(CloseReason Reason, string? Detail = null)
{
    // It may quote what a peer sent, whoever has put it together; and it is there to be read by people.
    private readonly string? _detail = Detail is null ? null : PeerText.Clean(Detail);

    /// <summary>
    /// One sentence, or null where the reason says it all. Safe for a log or a terminal (<see cref="PeerText.Clean"/>).
    /// </summary>
    public string? Detail
    {
        get => _detail;
        init => _detail = value is null ? null : PeerText.Clean(value);
    }

    /// <summary>
    /// How far the handshake had come when the peer closed or reset the connection in the middle of it;
    /// <see cref="HandshakeProgress.None"/> for every other ending.
    /// </summary>
    public HandshakeProgress CutAt { get; init; }

    /// <summary>Why the handshake failed, for <see cref="CloseReason.HandshakeFailed"/>, as far as the platform tells.</summary>
    public HandshakeProblem Handshake { get; init; }

    /// <summary>What is wrong with the peer's certificate, for <see cref="CloseReason.PeerCertificateRefused"/>; else null.</summary>
    public CertificateProblem? Certificate { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Detail is null ? Reason.ToString() : $"{Reason}: {Detail}";
}
