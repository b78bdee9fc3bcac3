using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Client.Wire;

/// <summary>
/// The part of a handshake that goes over the wire in the clear (RFC 8446 section 4, RFC 5246 section 7): the server's choice of
/// version and suite, whether it resumed a session, which SslStream does not say, and under TLS 1.2 its certificates and whose
/// certificates it asks for.
/// </summary>
internal sealed class PlainHandshake
{
    private const byte ChangeCipherSpec = 20, Alert = 21, Handshake = 22, ApplicationData = 23;
    private const byte ServerHello = 2, Certificate = 11, CertificateRequest = 13;
    private const ushort PreSharedKey = 41, SupportedVersions = 43, Tls12 = 0x0303;

    // SHA-256 of "HelloRetryRequest": a ServerHello with this random asks for another ClientHello (RFC 8446 section 4.1.3).
    private static readonly byte[] RetryRandom = SHA256.HashData("HelloRetryRequest"u8);

    private readonly List<byte[]> _certificates = [];
    private readonly byte[] _offeredSession;

    /// <param name="received">The first bytes from the server.</param>
    /// <param name="sent">The first bytes to it: the ClientHello.</param>
    public PlainHandshake(ReadOnlySpan<byte> received, ReadOnlySpan<byte> sent)
    {
        const int beforeSession = 5 + 4 + 2 + 32; // record, message, version, random
        var hello = new ByteReader(sent);
        hello.Take(beforeSession);
        _offeredSession = hello.Take(hello.Byte()).ToArray();
        IsTls = received is [>= ChangeCipherSpec and <= ApplicationData, 3, <= 4, ..];
        if (IsTls) ReadRecords(received);
    }

    /// <summary>The first bytes are those of a TLS record.</summary>
    public bool IsTls { get; }

    /// <summary>The version that the server chose, as it is written on the wire (0x0303 for TLS 1.2); null before its choice.</summary>
    public ushort? Version { get; private set; }

    /// <summary>The suite that the server chose, by its IANA number; null before its choice.</summary>
    public ushort? CipherSuite { get; private set; }

    /// <summary>The server resumed a session.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>The alert that was sent in the clear; null for none.</summary>
    public byte? PlainAlert { get; private set; }

    /// <summary>The server's certificates in DER, the leaf first; empty under TLS 1.3, which encrypts them.</summary>
    public IReadOnlyList<byte[]> Certificates => _certificates;

    /// <summary>The names of the CAs whose certificates the server asks for; null when it did not ask, or asked encrypted.</summary>
    public IReadOnlyList<string>? Authorities { get; private set; }

    private void ReadRecords(ReadOnlySpan<byte> received)
    {
        // A message may be spread over records, and a record may hold several.
        byte[] messages = [];
        var reader = new ByteReader(received);
        while (!reader.IsAtEnd)
        {
            byte type = reader.Byte();
            reader.UInt16();
            // Who keeps the first bytes alone may have cut a record short: the messages before the cut are whole.
            ReadOnlySpan<byte> content = reader.TakeAtMost(reader.UInt16());
            // Behind these all is encrypted; but under TLS 1.3 a ChangeCipherSpec means nothing (RFC 8446 appendix D.4).
            if (reader.IsBroken || type == ApplicationData || (type == ChangeCipherSpec && Version <= Tls12)) return;
            if (type == Handshake) messages = ReadMessages([.. messages, .. content]);
            if (type == Alert && content is [_, var alert]) PlainAlert = alert;
        }
    }

    private byte[] ReadMessages(ReadOnlySpan<byte> messages)
    {
        const int head = 4;
        while (messages.Length >= head)
        {
            var reader = new ByteReader(messages);
            byte type = reader.Byte();
            ReadOnlySpan<byte> body = reader.Take(reader.UInt24());
            if (reader.IsBroken) break;
            if (type == ServerHello) ReadServerHello(body);
            if (type == Certificate) ReadCertificates(body);
            if (type == CertificateRequest) Authorities = ReadAuthorities(body);
            messages = messages[(head + body.Length)..];
        }

        return messages.ToArray();
    }

    private void ReadServerHello(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        ushort version = reader.UInt16();
        if (reader.Take(32).SequenceEqual(RetryRandom)) return;
        ReadOnlySpan<byte> session = reader.Take(reader.Byte());
        CipherSuite = reader.UInt16();
        reader.Byte();
        bool preSharedKey = false;
        var extensions = new ByteReader(reader.IsAtEnd ? [] : reader.Take(reader.UInt16()));
        while (!extensions.IsAtEnd)
        {
            ushort type = extensions.UInt16();
            var content = new ByteReader(extensions.Take(extensions.UInt16()));
            if (type == SupportedVersions) version = content.UInt16();
            preSharedKey |= type == PreSharedKey;
        }

        Version = version;
        // Under TLS 1.3 the server chooses a pre-shared key (RFC 8446 section 4.2.11) and echoes whatever session was offered; before it,
        // an echoed session meant resumption (RFC 5246 section 7.4.1.3, RFC 5077 section 3.4).
        IsResumed = version > Tls12 ? preSharedKey : session.Length > 0 && session.SequenceEqual(_offeredSession);
    }

    private void ReadCertificates(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        var list = new ByteReader(reader.Take(reader.UInt24()));
        while (!list.IsAtEnd)
        {
            byte[] der = list.Take(list.UInt24()).ToArray();
            if (der.Length > 0) _certificates.Add(der);
        }
    }

    private static List<string> ReadAuthorities(ReadOnlySpan<byte> body)
    {
        var names = new List<string>();
        var reader = new ByteReader(body);
        reader.Take(reader.Byte()); // kinds of certificates
        reader.Take(reader.UInt16()); // signature algorithms
        var list = new ByteReader(reader.Take(reader.UInt16()));
        while (!list.IsAtEnd)
        {
            byte[] der = list.Take(list.UInt16()).ToArray();
            try
            {
                names.Add(new X500DistinguishedName(der).Name);
            }
            catch (CryptographicException)
            {
                names.Add("(a name that cannot be read)");
            }
        }

        return names;
    }
}
