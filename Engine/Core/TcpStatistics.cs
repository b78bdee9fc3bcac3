namespace RawEcho.Engine;

/// <summary>What the kernel knows of a TCP connection (TCP_INFO, tcp(7)): it includes nothing that this program or TLS does.</summary>
/// <param name="MinimumRoundTrip">The shortest time from a segment to its acknowledgement, that of the connect included.</param>
/// <param name="SmoothedRoundTrip">
/// The running mean of that time. A peer may acknowledge with its answer, so it can hold up to 40 ms of the peer's own time.
/// </param>
/// <param name="SegmentsSent">Segments sent, those that were sent again included, count.</param>
/// <param name="SegmentsSentAgain">Segments sent again because they seemed lost, count.</param>
/// <param name="Busy">How long there was data that was not acknowledged.</param>
/// <param name="LimitedByPeer">How much of <paramref name="Busy"/> the peer had no room for more: its program did not read.</param>
public readonly record struct TcpStatistics(
    TimeSpan MinimumRoundTrip, TimeSpan SmoothedRoundTrip, long SegmentsSent, long SegmentsSentAgain, TimeSpan Busy,
    TimeSpan LimitedByPeer);
