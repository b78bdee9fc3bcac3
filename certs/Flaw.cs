using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>What is wrong, on purpose, with a certificate that is made to be refused.</summary>
public enum Flaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It ended an hour ago.</summary>
    Expired,

    /// <summary>It begins tomorrow.</summary>
    NotYetValid,

    /// <summary>A client's is for servers, and the other way round.</summary>
    WrongPurpose,

    /// <summary>RSA with 1,024 bits.</summary>
    WeakKey,

    /// <summary>For a name that nobody dials.</summary>
    WrongName,

    /// <summary>Of a CA that nobody has.</summary>
    UnknownCa,

    /// <summary>Signed with its own key.</summary>
    SelfSigned,
}

/// <summary>Makes certificates with a flaw, for those who want to see them refused.</summary>
internal static class Flaws
{
    private const int WeakBits = 1024;
    private const string NameOfNobody = "wrong-name.invalid";

    /// <summary>The words of the command line.</summary>
    public const string Words = "expired|not-yet-valid|wrong-purpose|weak-key|wrong-name|unknown-ca|self-signed";

    /// <summary>Whether the CA of the directory has signed it, and knows its number.</summary>
    public static bool IsOfCa(Flaw flaw) => flaw is not (Flaw.UnknownCa or Flaw.SelfSigned);

    public static bool TryParse(string word, out Flaw flaw)
    {
        int at = Array.IndexOf(Words.Split('|'), word.ToLowerInvariant());
        flaw = (Flaw)(at + 1);
        return at >= 0;
    }

    /// <summary>The word for a flaw; null for none.</summary>
    public static string? WordOf(Flaw flaw) => flaw == Flaw.None ? null : Words.Split('|')[(int)flaw - 1];

    /// <summary>Issues a certificate, whole or with a flaw.</summary>
    /// <param name="ca">The CA.</param>
    /// <param name="role">Whose it is.</param>
    /// <param name="names">Its names.</param>
    /// <param name="validity">From when until when, where the flaw is not that.</param>
    /// <param name="algorithm">Of its key, where the flaw is not that.</param>
    /// <param name="flaw">What is to be wrong.</param>
    /// <returns>The certificate with its private key; the caller disposes of it.</returns>
    public static X509Certificate2 Issue(
        CertificateAuthority ca, PeerRole role, IReadOnlyList<string> names, Validity validity, KeyAlgorithm algorithm, Flaw flaw)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        TimeSpan length = validity.NotAfter - now;
        PeerRole other = role == PeerRole.Server ? PeerRole.Client : PeerRole.Server;
        using AsymmetricAlgorithm key = flaw == Flaw.WeakKey ? RSA.Create(WeakBits) : KeyAlgorithms.Generate(algorithm);
        switch (flaw)
        {
            case Flaw.Expired: return ca.Issue(role, names, new Validity(now.AddHours(-1) - length, now.AddHours(-1)), key);
            case Flaw.NotYetValid: return ca.Issue(role, names, new Validity(now.AddDays(1), now.AddDays(1) + length), key);
            case Flaw.WrongPurpose: return ca.Issue(other, names, validity, key);
            case Flaw.WrongName: return ca.Issue(role, [NameOfNobody], validity, key);
            case Flaw.UnknownCa:
                using (var stranger = new CertificateAuthority(algorithm, validity)) return stranger.Issue(role, names, validity, key);
            case Flaw.SelfSigned: return CertificateAuthority.SelfSign(role, names, validity, key);
            default: return ca.Issue(role, names, validity, key);
        }
    }
}
