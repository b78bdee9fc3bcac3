using System.Globalization;
using System.Security.Cryptography;

namespace RawEcho.Client.Probe;

/// <summary>An alert by which a peer ends a handshake (RFC 8446 section 6.2).</summary>
/// <param name="Number">Its number on the wire.</param>
internal readonly record struct TlsAlert(byte Number)
{
    public const byte HandshakeFailure = 40, ProtocolVersion = 70, InsufficientSecurity = 71, UnrecognizedName = 112;

    private static readonly Dictionary<byte, (string Name, string Meaning)> Known = new()
    {
        [10] = ("unexpected_message", "it got something else than it expected"),
        [20] = ("bad_record_mac", "it could not decrypt what it got"),
        [HandshakeFailure] = ("handshake_failure", "it found no version, cipher or certificate in common"),
        [42] = ("bad_certificate", "the certificate is damaged, or its signature does not verify"),
        [43] = ("unsupported_certificate", "the certificate is of a kind or for a purpose that it does not accept"),
        [44] = ("certificate_revoked", "the certificate was revoked"),
        [45] = ("certificate_expired", "the certificate has expired or is not valid yet"),
        [46] = ("certificate_unknown", "it does not accept the certificate, and does not say why"),
        [47] = ("illegal_parameter", "it found something in the handshake that cannot be"),
        [48] = ("unknown_ca", "it does not trust the CA that signed the certificate"),
        [49] = ("access_denied", "the certificate is valid, and its owner is not allowed in"),
        [50] = ("decode_error", "it could not read the handshake"),
        [51] = ("decrypt_error", "a signature in the handshake does not verify"),
        [ProtocolVersion] = ("protocol_version", "it does not speak a TLS version that was offered"),
        [InsufficientSecurity] = ("insufficient_security", "it wants stronger ciphers than were offered"),
        [80] = ("internal_error", "something is wrong inside the server"),
        [86] = ("inappropriate_fallback", "it speaks a newer version than was offered"),
        [109] = ("missing_extension", "it lacks something in the handshake"),
        [UnrecognizedName] = ("unrecognized_name", "it knows no server of that name"),
        [116] = ("certificate_required", "it requires a client certificate, and got none"),
        [120] = ("no_application_protocol", "it requires an application protocol (ALPN) and none was offered"),
    };

    /// <summary>Its name in the RFC.</summary>
    public string Name =>
        Known.TryGetValue(Number, out (string Name, string Meaning) known) ? known.Name : Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the peer says with it, to be read after "the server".</summary>
    public string? Meaning => Known.TryGetValue(Number, out (string Name, string Meaning) known) ? known.Meaning : null;

    /// <summary>It is about the certificate of whom it is sent to.</summary>
    public bool IsAboutCertificate => Number is >= 42 and <= 46 or 48 or 49 or 116;

    /// <summary>Finds the alert in what the platform said of a failure; null when there is none.</summary>
    public static TlsAlert? In(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            // OpenSSL: "error:0A000418:SSL routines::tlsv1 alert unknown ca". The reason of an alert is 1000 and its number.
            const string mark = "error:";
            const int digits = 8, firstAlert = 1000, reasonMask = 0x7FFFFF;
            int at = failure is CryptographicException ? failure.Message.IndexOf(mark, StringComparison.Ordinal) : -1;
            if (at < 0 || failure.Message.Length < at + mark.Length + digits) continue;
            ReadOnlySpan<char> number = failure.Message.AsSpan(at + mark.Length, digits);
            if (!uint.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)) continue;
            if ((code & reasonMask) is >= firstAlert and <= firstAlert + byte.MaxValue and var reason)
                return new((byte)(reason - firstAlert));
        }

        return null;
    }
}
