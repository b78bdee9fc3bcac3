using RawEcho.Client.Load;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Streams;

namespace RawEcho.Client.Streams;

/// <summary>Why an upload or a download failed.</summary>
internal static class StreamFailure
{
    /// <summary>The server speaks TLS, and no such mode.</summary>
    public static ClientFailure NotOffered(StreamMode mode) => new(
        ExitCode.TlsRefused, "mode not offered",
        $"The server does not offer --mode {mode.ToString().ToLowerInvariant()} (ALPN {StreamProtocols.Of(mode)}): "
        + "it is no rawecho-server, an older one, or one with --echo-only or --tls server.");

    /// <summary>Evaluates how a connection ended that was not done.</summary>
    /// <param name="mismatch">What was wrong with a byte; null for nothing.</param>
    /// <param name="hasBegun">The server has sent something.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="tls">How much of TLS was used.</param>
    public static ClientFailure? Of(string? mismatch, bool hasBegun, ConnectionEnd end, TlsLevel tls)
    {
        if (mismatch is not null) return new(ExitCode.Mismatch, "bytes differ", mismatch);
        if (ClientFailure.OfHandshake(end, tls) is { } refused) return refused;
        string detail = ProblemText.Of(end) ?? $"The connection ended: {end.Reason}.";
        return end.Reason switch
        {
            CloseReason.PeerTruncated or CloseReason.PeerReset when !hasBegun => ClientFailure.ProbablyRefused(tls),
            CloseReason.ProtocolError when !hasBegun => new(ExitCode.TlsRefused, "refused by the server", detail),
            CloseReason.PeerClosed =>
                new(ExitCode.ServerClosed, "closed by the server", "The server closed in order before the run was over."),
            CloseReason.PeerReset => new(ExitCode.ConnectionLost, "connection lost", "The server reset the connection or died."),
            CloseReason.Drained => null,
            CloseReason.DrainTimeout => new(
                ExitCode.ConnectionLost, "connection lost", "The server did not take, or send, the rest within --drain-timeout."),
            CloseReason.HandlerFault => new(ExitCode.Defect, "defect", detail),
            _ => new(ExitCode.ConnectionLost, "connection lost", detail),
        };
    }
}
