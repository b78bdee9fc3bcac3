using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Intermediates of chains that were accepted. A resumed session shows the peer's own certificate and nothing else, so without
/// them a peer below an intermediate could never come back. They are looked at, never trusted, as if the peer had sent them.
/// </summary>
internal sealed class KnownIntermediates
{
    private const int MaxRemembered = 256;

    private readonly Lock _lock = new();

    // Replaced under the lock with Volatile.Write, which pairs with the Volatile.Reads of Above and Add: who sees a dictionary sees all
    // that is in it. One that is out of date costs a full handshake, or a second look under the lock.
    private ImmutableDictionary<Digest, Known> _known = ImmutableDictionary<Digest, Known>.Empty;

    /// <summary>Takes note of an accepted peer's intermediates.</summary>
    public void Learn(PeerIdentity peer)
    {
        foreach (PathCertificate certificate in peer.Path)
        {
            if (certificate.IssuerCertificate is { } bytes) Add(bytes);
        }
    }

    /// <summary>Those that may stand between a certificate and a root; fresh objects, for the caller to dispose of.</summary>
    public X509Certificate2Collection Above(X509Certificate2 certificate)
    {
        var above = new X509Certificate2Collection();
        ImmutableDictionary<Digest, Known> known = Volatile.Read(ref _known);
        if (known.IsEmpty) return above;
        HashSet<Digest> wanted = [DistinguishedName.DigestOf(certificate.IssuerName)];
        while (wanted.Count > 0)
        {
            Known[] next = [.. known.Values.Where(k => wanted.Contains(k.Subject))];
            // Each once: CAs may certify each other.
            known = known.RemoveRange(next.Select(k => Digest.Of(k.Certificate)));
            foreach (Known k in next) above.Add(X509CertificateLoader.LoadCertificate(k.Certificate));
            wanted = [.. next.Select(k => k.Issuer)];
        }

        return above;
    }

    private void Add(byte[] certificate)
    {
        Digest key = Digest.Of(certificate);
        if (Volatile.Read(ref _known).ContainsKey(key)) return;
        using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate);
        var entry = new Known(
            DistinguishedName.DigestOf(loaded.SubjectName), DistinguishedName.DigestOf(loaded.IssuerName), certificate);
        lock (_lock)
        {
            if (_known.Count < MaxRemembered) Volatile.Write(ref _known, _known.SetItem(key, entry));
        }
    }

    private sealed record Known(Digest Subject, Digest Issuer, byte[] Certificate);
}
