using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RawEcho.Client.Handshake;

/// <summary>
/// Tells from the hellos of a handshake, which go over the wire in the clear, whether the server resumed a session; SslStream does not say.
/// Under TLS 1.3 the ServerHello then chooses a pre-shared key (RFC 8446 section 4.2.11); under TLS 1.2 it repeats the session ID that it was
/// offered (RFC 5246 section 7.4.1.3, RFC 5077 section 3.4).
/// </summary>
internal static class ResumptionSign
{
    private const int RecordHead = 5;
    private const int MessageHead = 4;
    private const int VersionAndRandom = 2 + 32;
    private const int SuiteAndCompression = 2 + 1;
    private const byte HandshakeRecord = 22;
    private const byte ServerHello = 2;
    private const ushort PreSharedKey = 41;
    private const ushort SupportedVersions = 43;

    // A ServerHello with this random asks for another ClientHello (RFC 8446 section 4.1.3).
    private static readonly byte[] RetryRandom = SHA256.HashData("HelloRetryRequest"u8);

    /// <summary>Looks at the first bytes of both directions.</summary>
    /// <returns>False too when they hold no whole hello.</returns>
    public static bool IsIn(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> received)
    {
        while (received.Length > RecordHead)
        {
            ReadOnlySpan<byte> record = received[RecordHead..];
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(received[3..]), record.Length);
            received = record[length..];
            record = record[..length];
            // A ChangeCipherSpec may stand between a retry and the ServerHello, and means nothing.
            if (record.Length < MessageHead + VersionAndRandom || record[0] != ServerHello) continue;
            ReadOnlySpan<byte> hello = record[MessageHead..];
            if (!hello[2..VersionAndRandom].SequenceEqual(RetryRandom)) return IsResumed(hello, OfferedSession(sent));
        }

        return false;
    }

    private static ReadOnlySpan<byte> OfferedSession(ReadOnlySpan<byte> sent) =>
        sent.Length > RecordHead && sent[0] == HandshakeRecord ? Session(sent[(RecordHead + MessageHead)..]) : [];

    private static ReadOnlySpan<byte> Session(ReadOnlySpan<byte> hello) =>
        hello.Length > VersionAndRandom && hello.Length > VersionAndRandom + hello[VersionAndRandom]
            ? hello.Slice(VersionAndRandom + 1, hello[VersionAndRandom])
            : [];

    private static bool IsResumed(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> offered)
    {
        ReadOnlySpan<byte> session = Session(hello);
        int at = VersionAndRandom + 1 + session.Length + SuiteAndCompression + sizeof(ushort);
        bool isTls13 = false, hasKey = false;
        while (at + (2 * sizeof(ushort)) <= hello.Length)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(hello[at..]);
            at += (2 * sizeof(ushort)) + BinaryPrimitives.ReadUInt16BigEndian(hello[(at + sizeof(ushort))..]);
            isTls13 |= type == SupportedVersions;
            hasKey |= type == PreSharedKey;
        }

        return isTls13 ? hasKey : !session.IsEmpty && session.SequenceEqual(offered);
    }
}
