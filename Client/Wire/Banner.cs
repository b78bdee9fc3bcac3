using System.Text;

namespace RawEcho.Client.Wire;

/// <summary>Tells from its first words what a server speaks that does not speak TLS.</summary>
internal static class Banner
{
    private const int MaxQuoted = 60;

    private static readonly (string Start, string Meaning)[] Known =
    [
        ("HTTP/", "a web server without TLS (plain HTTP)"),
        ("<!DOCTYPE", "a web server without TLS (plain HTTP)"),
        ("<html", "a web server without TLS (plain HTTP)"),
        ("SSH-", "an SSH server"),
        ("RFB ", "a VNC server"),
        ("AMQP", "an AMQP broker without TLS"),
        ("+OK", "a POP3 server, which speaks TLS after STLS at most"),
        ("* OK", "an IMAP server, which speaks TLS after STARTTLS at most"),
        ("-ERR", "a Redis server without TLS"),
        ("-DENIED", "a Redis server without TLS"),
        ("INFO {", "a NATS server, which speaks TLS after its greeting"),
    ];

    /// <summary>What it looks like, to be read after "it looks like"; null when nothing is known that begins so.</summary>
    /// <param name="received">The first bytes from the server.</param>
    /// <param name="sent">The first bytes to it.</param>
    public static string? Recognize(ReadOnlySpan<byte> received, ReadOnlySpan<byte> sent)
    {
        if (IsEcho(received, sent)) return "an echo server without TLS: it sent back what it was sent";
        string text = Encoding.Latin1.GetString(received[..Math.Min(received.Length, 512)]);
        foreach ((string start, string meaning) in Known)
        {
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return meaning;
        }

        if (text.StartsWith("220", StringComparison.Ordinal) && text.Length > 3 && text[3] is ' ' or '-')
        {
            return text.Contains("FTP", StringComparison.OrdinalIgnoreCase) ? "an FTP server, which speaks TLS after AUTH TLS at most"
                : text.Contains("SMTP", StringComparison.OrdinalIgnoreCase)
                ? "a mail server (SMTP), which speaks TLS after STARTTLS at most"
                : "a mail or FTP server";
        }

        // MySQL: length of the packet in three bytes, sequence 0, protocol 10, and its version in digits.
        return received is [_, _, 0, 0, 10, >= (byte)'0' and <= (byte)'9', ..] ? "a MySQL or MariaDB server" : null;
    }

    /// <summary>The server sent back what it was sent.</summary>
    public static bool IsEcho(ReadOnlySpan<byte> received, ReadOnlySpan<byte> sent)
    {
        // The head of a ClientHello is the same as that of an answer; its random bytes behind that are not.
        const int telling = 24;
        return received.Length >= telling && sent.StartsWith(received[..telling]);
    }

    /// <summary>The first words as they may be shown: one line of text, or the first bytes in hexadecimal.</summary>
    public static string Quote(ReadOnlySpan<byte> received)
    {
        int end = received.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end >= 0 ? received[..end] : received;
        bool cut = line.Length > MaxQuoted;
        line = line[..Math.Min(line.Length, MaxQuoted)];
        bool isText = line.Length > 0 && line.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;
        if (isText) return $"\"{Encoding.ASCII.GetString(line)}{(cut ? "..." : string.Empty)}\"";
        const int bytesShown = 16;
        string bytes = Convert.ToHexString(received[..Math.Min(received.Length, bytesShown)]);
        return $"the bytes {bytes}{(received.Length > bytesShown ? "..." : string.Empty)}";
    }
}
