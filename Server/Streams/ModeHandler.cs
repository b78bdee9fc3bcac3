using RawEcho.Engine;
using RawEcho.Streams;

namespace RawEcho.Server.Streams;

/// <summary>Hands each connection to what its peer asked for by ALPN: echo, where it asked for nothing of ours.</summary>
/// <param name="echo">Echo.</param>
internal sealed class ModeHandler(IConnectionHandler echo) : IConnectionHandler
{
    private readonly StreamHandler _upload = new(StreamMode.Upload);
    private readonly StreamHandler _download = new(StreamMode.Download);
    private readonly StreamHandler _both = new(StreamMode.Both);

    public Task HandleAsync(Connection connection)
    {
        StreamMode mode = connection.Ssl is { } ssl ? StreamProtocols.ModeOf(ssl.NegotiatedApplicationProtocol) : StreamMode.Echo;
        IConnectionHandler handler = mode switch
        {
            StreamMode.Upload => _upload,
            StreamMode.Download => _download,
            StreamMode.Both => _both,
            _ => echo,
        };
        return handler.HandleAsync(connection);
    }
}
