using System.IO.Pipelines;

namespace RawEcho.Engine;

/// <summary>
/// A connection as two pipes, for code that knows System.IO.Pipelines. While the input waits for data it holds no buffer.
/// </summary>
/// <param name="stream">The connection.</param>
internal sealed class ConnectionPipe(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
}
