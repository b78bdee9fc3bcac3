namespace RawEcho.Engine.Framing;

/// <summary>
/// Thrown when what a peer sent cannot be a message: too large, malformed, or cut off. Handlers let it pass: the connection then ends with
/// its <see cref="Reason"/>. Derives from IOException, because to a handler it is one more way in which reading fails.
/// </summary>
/// <param name="reason">Why the connection is to end.</param>
/// <param name="detail">One sentence.</param>
public sealed class MessageException(CloseReason reason, string detail) : IOException(detail), IConnectionFault
{
    /// <summary>Why the connection ends.</summary>
    public CloseReason Reason { get; } = reason;

    /// <summary>What was received is no message of this protocol (<see cref="CloseReason.BadMessage"/>).</summary>
    /// <param name="detail">What is wrong with it, one sentence.</param>
    public static MessageException Bad(string detail) => new(CloseReason.BadMessage, detail);

    /// <summary>The peer broke a rule of this service, such as a quota (<see cref="CloseReason.PolicyViolation"/>).</summary>
    /// <param name="detail">Which rule, one sentence.</param>
    public static MessageException Violation(string detail) => new(CloseReason.PolicyViolation, detail);
}
