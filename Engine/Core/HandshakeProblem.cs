namespace RawEcho.Engine;

/// <summary>Why a TLS handshake, or TLS after it, failed: what the platform reported, as far as it can be told apart.</summary>
public enum HandshakeProblem
{
    /// <summary>Nothing failed, or the platform's words are known under no other name here.</summary>
    None = 0,

    /// <summary>The peer closed the connection in the middle of the handshake.</summary>
    PeerClosed,

    /// <summary>The peer reset the connection in the middle of the handshake.</summary>
    PeerReset,

    /// <summary>The peer refused this side's certificate as damaged (alert bad_certificate, RFC 8446 section 6.2).</summary>
    OwnCertificateBad,

    /// <summary>The peer refused this side's certificate and did not say why (alert certificate_unknown).</summary>
    OwnCertificateRefused,

    /// <summary>The peer refused this side's certificate as expired (alert certificate_expired).</summary>
    OwnCertificateExpired,

    /// <summary>The peer refused this side's certificate as revoked (alert certificate_revoked).</summary>
    OwnCertificateRevoked,

    /// <summary>The peer refused this side's certificate for its kind or purpose (alert unsupported_certificate).</summary>
    OwnCertificateUnsupported,

    /// <summary>The peer does not trust the CA of this side's certificate (alert unknown_ca).</summary>
    OwnIssuerUnknown,

    /// <summary>The peer requires a certificate and this side showed none (alert certificate_required).</summary>
    OwnCertificateMissing,

    /// <summary>The peer could not decrypt a record of this side (alert bad_record_mac).</summary>
    PeerCannotDecrypt,

    /// <summary>This side could not decrypt a record of the peer.</summary>
    RecordUndecryptable,

    /// <summary>The peer found no version, cipher or certificate in common (alert handshake_failure).</summary>
    NothingInCommon,

    /// <summary>There is no TLS version that both sides allow.</summary>
    NoCommonVersion,

    /// <summary>The peer offers no cipher suite that this side allows.</summary>
    NoCommonCipher,

    /// <summary>What the peer sent is not TLS.</summary>
    NotTls,

    /// <summary>The peer sent a message that does not belong there, or no TLS at all.</summary>
    UnexpectedMessage,

    /// <summary>The peer sent an HTTP request without TLS.</summary>
    PlainHttp,

    /// <summary>The peer showed no certificate.</summary>
    PeerCertificateMissing,

    /// <summary>
    /// The peer's certificate is larger than the TLS library takes: a message of the handshake may have 100 KB, and a certificate that goes
    /// into a session ticket 65,280 bytes.
    /// </summary>
    PeerCertificateTooLarge,

    /// <summary>The peer reports an error of its own (alert internal_error).</summary>
    PeerFailed,

    /// <summary>The peer does not accept what this side sent (alert illegal_parameter), such as a certificate that is too large.</summary>
    OwnMessageRefused,

    /// <summary>The peer does not hold the private key of its certificate.</summary>
    PeerKeyMismatch,

    /// <summary>A signature in the peer's chain does not verify, as the TLS library found before this side asked.</summary>
    PeerChainUnverified,

    /// <summary>The peer speaks none of the application protocols that this side offers (alert no_application_protocol).</summary>
    NoCommonApplicationProtocol,
}
