using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>A peer that <see cref="TlsPolicy.Legacy"/> let in and <see cref="TlsPolicy.Strict"/> would refuse.</summary>
/// <param name="Peer">Who it is.</param>
/// <param name="Waived">The rules that its certificate breaks.</param>
public sealed record LegacyPeer(PeerIdentity Peer, WaivedRules Waived)
{
    /// <summary>The same in one sentence.</summary>
    public override string ToString() =>
        $"The certificate {PeerText.Quote(Peer.Subject)} was accepted, and it {WaivedRulesText.Describe(Waived)}.";
}
