namespace RawEcho.Terminal;

/// <summary>A stream of .NET, for where there are no file descriptors (Windows).</summary>
internal sealed class StreamSink(Stream stream) : OutputSink
{
    private const int BrokenPipe = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D), WindowsNoData = unchecked((int)0x800700E8);

    public override OutputError? Write(ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        try
        {
            stream.Write(bytes);
            stream.Flush();
            written = bytes.Length;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            return new OutputError(e.HResult is WindowsBrokenPipe or WindowsNoData ? BrokenPipe : 0, e.Message.TrimEnd('.'));
        }
    }
}
