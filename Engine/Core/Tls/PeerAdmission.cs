using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Whether a verified peer may come in at this moment. Asked at every handshake, resumed ones included, and again for open
/// connections when it changes.
/// </summary>
public sealed record PeerAdmission
{
    /// <summary>Every verified peer may come in.</summary>
    public static PeerAdmission Everyone { get; } = new();

    /// <summary>Lists of what was revoked; null for none, and then nothing counts as revoked.</summary>
    public RevocationLists? Revocation { get; init; }

    /// <summary>Who may come in; null for everyone.</summary>
    public PeerAllowList? Allowed { get; init; }

    /// <summary>
    /// A rule of your own: null to let the peer in, or one sentence that says why not. Must be quick. A rule that throws lets nobody in.
    /// Null (the default) for none.
    /// </summary>
    public Func<PeerIdentity, string?>? Rule { get; init; }

    /// <summary>Evaluates a peer that is about to come in.</summary>
    public PeerVerdict Evaluate(PeerIdentity peer, DateTimeOffset now)
    {
        PeerVerdict revocation = Revocation?.Evaluate(peer, now) ?? PeerVerdict.Good;
        return revocation.Accepted ? EvaluateIdentity(peer) : revocation;
    }

    /// <summary>
    /// Evaluates a peer that is in. That a list has become stale is no reason to put anyone out: only what a list names, and who is
    /// not on the allow-list.
    /// </summary>
    internal PeerVerdict EvaluateOpen(PeerIdentity peer)
    {
        if (Revocation?.Names(peer, DateTimeOffset.UtcNow) == true)
            return new(new CertificateProblem(CertificateFault.Revoked) { Subject = peer.Subject, MayBeAuthority = true });
        return EvaluateIdentity(peer);
    }

    private PeerVerdict EvaluateIdentity(PeerIdentity peer)
    {
        PeerVerdict allowed = Allowed?.Evaluate(peer) ?? PeerVerdict.Good;
        if (!allowed.Accepted || AskRule(peer) is not { } objection) return allowed;
        return new(new CertificateProblem(CertificateFault.NotAllowed)
        {
            Subject = peer.Subject,
            Fingerprint = peer.Fingerprint,
            Detail = objection,
        });
    }

    private string? AskRule(PeerIdentity peer)
    {
        try
        {
            return Rule?.Invoke(peer);
        }
        catch (Exception e)
        {
            // Somebody else's code: nobody comes in, and the reason says why.
            return $"The rule for peers failed: {e.Message}";
        }
    }
}
