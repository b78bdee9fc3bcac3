using System.Net;

namespace RawEcho.Client.Http;

/// <summary>
/// A body in memory whose response may be read while it is still being sent. The contents that System.Net.Http has for memory wait with the
/// response until all of it is sent, over HTTP/2 too.
/// </summary>
internal sealed class DuplexContent(ReadOnlyMemory<byte> body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(body, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
