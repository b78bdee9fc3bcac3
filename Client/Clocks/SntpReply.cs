using System.Buffers.Binary;
using System.Text;

namespace RawEcho.Client.Clocks;

/// <summary>
/// The packets of a question for the time, and what an answer is worth (RFC 5905 section 7.3, as a client uses it: RFC 4330).
/// </summary>
internal static class SntpReply
{
    /// <summary>Length of a packet without extensions, bytes.</summary>
    public const int Length = 48;

    private const int OriginAt = 24;
    private const int ReceiveAt = 32;
    private const int TransmitAt = 40;

    // Seconds from 1900 to 1970, and the second at which the 32 bits begin again, in 2036.
    private static readonly DateTimeOffset FirstEra = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset SecondEra = FirstEra.AddSeconds(1L << 32);

    /// <summary>A question.</summary>
    /// <param name="nonce">What the answer bears as its origin: a random number, which tells the server nothing about this clock.</param>
    public static byte[] Ask(ulong nonce)
    {
        const byte versionAndMode = (4 << 3) | 3;
        byte[] packet = new byte[Length];
        packet[0] = versionAndMode;
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(TransmitAt), nonce);
        return packet;
    }

    /// <summary>True for an answer to this question, good or bad; anybody can send anything else.</summary>
    /// <param name="packet">As it came.</param>
    /// <param name="nonce">What was asked with.</param>
    public static bool IsTo(ReadOnlySpan<byte> packet, ulong nonce)
    {
        const int serverMode = 4;
        return packet.Length >= Length && (packet[0] & 7) == serverMode
            && BinaryPrimitives.ReadUInt64BigEndian(packet[OriginAt..]) == nonce;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="packet">It.</param>
    /// <param name="times">When the server took the question, and when it answered, by its own clock.</param>
    /// <returns>Why it is of no use, to be read after a colon; null when it is of use.</returns>
    public static string? Read(ReadOnlySpan<byte> packet, out (DateTimeOffset Received, DateTimeOffset Sent) times)
    {
        const int alarm = 3, unsynchronized = 16;
        times = default;
        int stratum = packet[1];
        if (stratum == 0) return $"the server refuses to tell the time (kiss-o'-death {Code(packet)})";
        if (packet[0] >> 6 == alarm || stratum >= unsynchronized) return "the clock of the server is not synchronized itself";
        times = (TimeAt(packet[ReceiveAt..]), TimeAt(packet[TransmitAt..]));
        ulong sent = BinaryPrimitives.ReadUInt64BigEndian(packet[TransmitAt..]);
        return sent == 0 || times.Sent < times.Received ? "its answer holds no time" : null;
    }

    // Four letters, such as RATE or DENY, by whoever answers.
    private static string Code(ReadOnlySpan<byte> packet) =>
        new([.. Encoding.ASCII.GetString(packet.Slice(12, 4)).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '?')]);

    private static DateTimeOffset TimeAt(ReadOnlySpan<byte> timestamp)
    {
        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(timestamp);
        double fraction = BinaryPrimitives.ReadUInt32BigEndian(timestamp[sizeof(uint)..]) / (double)(1L << 32);
        DateTimeOffset era = seconds >= 1u << 31 ? FirstEra : SecondEra;
        return era.AddSeconds(seconds).AddTicks((long)(fraction * TimeSpan.TicksPerSecond));
    }
}
