using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Intermediates of chains that were accepted. A resumed session shows the peer's own certificate and nothing else, so without
/// them a peer below an intermediate could never come back. They are looked at, never trusted, as if the peer had sent them.
/// </summary>
/// <remarks>
/// Each is kept for as long as a ticket can live that was given to a peer below it. One that has to make room before that makes the
/// tickets useless instead: the next handshakes are full ones, and bring their intermediates along.
/// </remarks>
/// <param name="clock">Tells how old an entry is; null for the system's.</param>
/// <param name="maxBytes">How many bytes of certificates are kept.</param>
internal sealed class KnownIntermediates(TimeProvider? clock = null, int maxBytes = KnownIntermediates.DefaultMaxBytes)
{
    private const int DefaultMaxBytes = 8 << 20;

    // OpenSSL's tickets live for two hours (SSL_CTX_set_timeout(3)); a verdict that is remembered for a minute is no reason to look here.
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(125);

    // A CA below a root may have given many the same name: what a path can have, several times over, is enough.
    private const int MostAbove = 32;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, Known> _known = [];
    private readonly Dictionary<Digest, List<Known>> _bySubject = [];
    private int _bytes;

    /// <summary>Is told that intermediates were forgotten before their time.</summary>
    public event Action? Forgotten;

    /// <summary>Takes note of an accepted peer's intermediates.</summary>
    public void Learn(PeerIdentity peer)
    {
        if (peer.Path is not [.., { Issuer: var root }]) return;
        bool wasTooSmall = false;
        foreach (PathCertificate certificate in peer.Path)
        {
            if (certificate.IssuerCertificate is { } bytes) wasTooSmall |= Keep(bytes, root);
        }

        if (wasTooSmall) Forgotten?.Invoke();
    }

    /// <summary>Those that may stand between a certificate and a root; fresh objects, for the caller to dispose of.</summary>
    /// <param name="certificate">Its issuer, and the issuer's issuer, are looked for.</param>
    /// <param name="roots">What is below another root is left out: it may have the same name. See <see cref="Digest.OfAuthority"/>.</param>
    public X509Certificate2Collection Above(X509Certificate2 certificate, IReadOnlySet<Digest> roots)
    {
        var above = new X509Certificate2Collection();
        // Each name once: CAs may certify each other.
        HashSet<Digest> seen = [];
        var wanted = new Queue<Digest>([DistinguishedName.DigestOf(certificate.IssuerName)]);
        lock (_lock)
        {
            while (wanted.TryDequeue(out Digest subject))
            {
                if (!seen.Add(subject) || !_bySubject.TryGetValue(subject, out List<Known>? those)) continue;
                foreach (Known k in those.Where(k => k.Roots.Overlaps(roots)).Take(MostAbove - above.Count))
                {
                    above.Add(X509CertificateLoader.LoadCertificate(k.Certificate));
                    wanted.Enqueue(k.Issuer);
                }
            }
        }

        return above;
    }

    // True when others had to make room.
    private bool Keep(byte[] certificate, Digest root)
    {
        Digest key = Digest.Of(certificate);
        lock (_lock)
        {
            if (_known.TryGetValue(key, out Known? known))
            {
                known.LastNeeded = _clock.GetTimestamp();
                known.Roots.Add(root);
                return false;
            }

            using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate);
            Digest subject = DistinguishedName.DigestOf(loaded.SubjectName), issuer = DistinguishedName.DigestOf(loaded.IssuerName);
            var entry = new Known(key, subject, issuer, certificate)
            {
                LastNeeded = _clock.GetTimestamp(),
                Roots = { root },
            };
            bool wasTooSmall = MakeRoom(certificate.Length);
            _known.Add(key, entry);
            if (!_bySubject.TryGetValue(entry.Subject, out List<Known>? twins)) _bySubject[entry.Subject] = twins = [];
            twins.Add(entry);
            _bytes += certificate.Length;
            return wasTooSmall;
        }
    }

    private bool MakeRoom(int length)
    {
        if (_bytes + length <= maxBytes) return false;
        foreach (Known old in _known.Values.Where(k => _clock.GetElapsedTime(k.LastNeeded) >= Lasts).ToArray()) Forget(old);
        if (_bytes + length <= maxBytes) return false;
        // The older half at once: going through all of them must not be the price of each one that comes.
        foreach (Known old in _known.Values.OrderBy(k => k.LastNeeded).Take((_known.Count + 1) / 2).ToArray()) Forget(old);
        return true;
    }

    private void Forget(Known entry)
    {
        _known.Remove(entry.Key);
        _bytes -= entry.Certificate.Length;
        List<Known> twins = _bySubject[entry.Subject];
        twins.Remove(entry);
        if (twins.Count == 0) _bySubject.Remove(entry.Subject);
    }

    private sealed class Known(Digest key, Digest subject, Digest issuer, byte[] certificate)
    {
        public Digest Key => key;

        public Digest Subject => subject;

        public Digest Issuer => issuer;

        public byte[] Certificate => certificate;

        public HashSet<Digest> Roots { get; } = [];

        public long LastNeeded { get; set; }
    }
}
