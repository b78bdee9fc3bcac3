using RawEcho.Terminal;

namespace RawEcho.Client.Get;

/// <summary>
/// The body on standard output, byte by byte as it came. On a terminal what could steer it is replaced by question marks: the body is a
/// stranger's.
/// </summary>
/// <param name="isTerminal">Standard output is a terminal.</param>
internal sealed class ConsoleBody(bool isTerminal) : BodyTarget
{
    private byte _last = (byte)'\n';

    public override bool IsUnread => StandardStreams.Output.IsUnread;

    /// <summary>Characters that were replaced, count.</summary>
    public long Replaced { get; private set; }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _last = bytes[^1];
        if (!isTerminal)
        {
            StandardStreams.Output.TryWriteBytes(bytes);
            return;
        }

        byte[] harmless = bytes.ToArray();
        Replaced += MakeHarmless(harmless);
        StandardStreams.Output.TryWriteBytes(harmless);
    }

    // A prompt behind the body would be taken for a part of it.
    public override void Complete()
    {
        if (isTerminal && _last != '\n') Console.Out.WriteLine();
    }

    public override void Dispose()
    {
    }

    // C0 and DEL, and the C1 controls in UTF-8 (C2 80 to C2 9F).
    internal static long MakeHarmless(Span<byte> bytes)
    {
        long replaced = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isC1 = bytes[i] is >= 0x80 and <= 0x9F && i > 0 && bytes[i - 1] == 0xC2;
            if (!isC1 && bytes[i] is >= 0x20 and not 0x7F or (byte)'\n' or (byte)'\t') continue;
            if (bytes[i] == '\r' && i + 1 < bytes.Length && bytes[i + 1] == '\n') continue;
            if (isC1) bytes[i - 1] = (byte)'?';
            bytes[i] = (byte)'?';
            replaced++;
        }

        return replaced;
    }
}
