using RawEcho.Engine.Certificates;

namespace RawEcho.Engine;

/// <summary>Who the verified peer of a connection is, and who admitted it.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="AdmittedBy">The TLS handler that admitted it, and withdraws that when its rules change.</param>
internal sealed record AdmittedPeer(PeerIdentity Peer, object AdmittedBy);
