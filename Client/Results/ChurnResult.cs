namespace RawEcho.Client.Results;

/// <summary>Connections that were opened in the measurement, where each carries so many messages and is replaced.</summary>
/// <param name="Opened">How many, count.</param>
/// <param name="Resumed">How many of them resumed a TLS session, by what the server's hello says; null without TLS.</param>
/// <param name="HandshakeLatency">From the TCP connection to the end of the handshake on this side; null without TLS.</param>
internal sealed record ChurnResult(long Opened, long? Resumed, LatencyResult? HandshakeLatency);
