namespace RawEcho.Engine;

/// <summary>What bounds a handshake besides its deadline.</summary>
/// <param name="Gate">Bounds how many compute at a time; null for no bound.</param>
/// <param name="MaxBytes">What the peer may send until the handshake is complete, bytes; 0 for no bound.</param>
internal sealed record HandshakeLimits(HandshakeGate? Gate, int MaxBytes);
