namespace RawEcho.Engine;

/// <summary>
/// An exception that knows with which reason the connection is to end: a fault of the peer or a limit, and no defect of the handler.
/// </summary>
public interface IConnectionFault
{
    /// <summary>Why the connection ends; never <see cref="CloseReason.None"/> or <see cref="CloseReason.HandlerFault"/>.</summary>
    CloseReason Reason { get; }
}
