using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>Tells once for each peer certificate that <see cref="TlsPolicy.Legacy"/> let in, and by which waivers.</summary>
/// <param name="tell">Is told; called on the thread of the handshake, so it must be quick.</param>
internal sealed class LegacyWarnings(Action<LegacyPeer>? tell)
{
    // Beyond that many certificates nobody reads on; the memory of this set is bounded.
    private const int MaxRemembered = 10_000;

    private readonly HashSet<string> _told = [];
    private readonly Lock _lock = new();

    public void Warn(PeerVerdict verdict)
    {
        if (tell is null || verdict.Waived == WaivedRules.None || verdict.Peer is not { } peer) return;
        lock (_lock)
        {
            if (_told.Count >= MaxRemembered || !_told.Add(peer.Fingerprint)) return;
        }

        tell(new LegacyPeer(peer, verdict.Waived));
    }
}
