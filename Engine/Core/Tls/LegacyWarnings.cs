using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>Tells once for each peer certificate that <see cref="TlsPolicy.Legacy"/> let in, and by which waivers.</summary>
internal sealed class LegacyWarnings
{
    // Beyond that many certificates nobody reads on; the memory of this set is bounded.
    private const int MaxRemembered = 10_000;

    private readonly HashSet<string> _told = [];
    private readonly Lock _lock = new();

    /// <summary>Tells of a peer, unless that has been done.</summary>
    /// <param name="verdict">What was found.</param>
    /// <param name="tell">Is told, on the thread of the handshake, so it must be quick; null for nobody.</param>
    public void Warn(PeerVerdict verdict, Action<LegacyPeer>? tell)
    {
        if (tell is null || verdict.Waived == WaivedRules.None || verdict.Peer is not { } peer) return;
        lock (_lock)
        {
            if (_told.Count >= MaxRemembered || !_told.Add(peer.Fingerprint)) return;
        }

        tell(new LegacyPeer(peer, verdict.Waived));
    }
}
