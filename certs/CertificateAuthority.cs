using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>From when until when a certificate is valid; to the second.</summary>
public readonly record struct Validity(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>How long before it is made a certificate begins: clocks of other machines may be behind.</summary>
    public static TimeSpan Backdating { get; } = TimeSpan.FromHours(1);

    /// <summary>Valid for so many days from now, and for the hour before.</summary>
    public static Validity ForDays(int days, DateTimeOffset now) => new(now - Backdating, now.AddDays(days));
}

/// <summary>
/// A private root CA in memory. It issues certificates of peers, and none of further CAs, in the profile of RFC 5280 section 4
/// that the Engine's <see cref="PeerVerifier"/> asks for. Touches no file.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    private const int SerialBytes = 16;
    private const int MaxCommonName = 64; // ub-common-name, RFC 5280 appendix A.1
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly KeyAlgorithm _algorithm;
    private readonly AsymmetricAlgorithm _key;

    /// <summary>Generates the CA's key and its certificate.</summary>
    /// <param name="algorithm">For its own key and those of all it issues.</param>
    /// <param name="validity">Of the CA; the certificates that it issues should not outlive it.</param>
    /// <param name="commonName">At most 64 characters; null for one with a random end, so that two CAs can be told apart.</param>
    public CertificateAuthority(KeyAlgorithm algorithm, Validity validity, string? commonName = null)
    {
        _algorithm = algorithm;
        _key = KeyAlgorithms.Generate(algorithm);
        X500DistinguishedName subject = Named(commonName ?? $"RawEcho private CA {RandomNumberGenerator.GetHexString(6)}");
        CertificateRequest request = Request(subject, _key, algorithm);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Certificate = Sign(request, _key, subject, validity);
    }

    /// <summary>Goes on with a CA that was made before.</summary>
    /// <param name="certificate">Its certificate with its private key; the caller keeps it.</param>
    /// <exception cref="ArgumentException">It has no private key, or is no CA with a subject key identifier.</exception>
    public CertificateAuthority(X509Certificate2 certificate)
    {
        bool isCa = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority)
            && certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any();
        if (!isCa || !certificate.HasPrivateKey)
            throw new ArgumentException("It is not a CA certificate with its private key.", nameof(certificate));
        _algorithm = KeyAlgorithms.Of(certificate.PublicKey);
        _key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        Certificate = new X509Certificate2(certificate);
    }

    /// <summary>The CA's own certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Generates a key and issues a certificate for it.</summary>
    /// <param name="role">Decides the one purpose: serverAuth or clientAuth.</param>
    /// <param name="names">DNS names and IP addresses; at least one. The first is also the common name.</param>
    /// <param name="validity">Of the certificate.</param>
    /// <returns>The certificate with its private key; the caller disposes of it.</returns>
    /// <exception cref="ArgumentException">There is no name, or one is neither a DNS name nor an IP address.</exception>
    public X509Certificate2 Issue(PeerRole role, IReadOnlyList<string> names, Validity validity)
    {
        using AsymmetricAlgorithm key = KeyAlgorithms.Generate(_algorithm);
        return Issue(role, names, validity, key);
    }

    /// <summary>The same for a key that is there; the caller keeps it.</summary>
    internal X509Certificate2 Issue(PeerRole role, IReadOnlyList<string> names, Validity validity, AsymmetricAlgorithm key)
    {
        CertificateRequest request = Request(role, names, key, _algorithm);
        AddKeyIdentifiers(request);
        return Sign(request, key, Certificate.SubjectName, validity);
    }

    /// <summary>A certificate of no CA, signed with its own key, which the caller keeps.</summary>
    internal static X509Certificate2 SelfSign(PeerRole role, IReadOnlyList<string> names, Validity validity, AsymmetricAlgorithm key)
    {
        CertificateRequest request = Request(role, names, key, key is ECDsa { KeySize: > 256 } ? KeyAlgorithm.P384 : KeyAlgorithm.P256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(validity.NotBefore, validity.NotAfter);
    }

    // The profile of a peer, without the identifiers of keys.
    private static CertificateRequest Request(PeerRole role, IReadOnlyList<string> names, AsymmetricAlgorithm key, KeyAlgorithm signer)
    {
        if (names.Count == 0) throw new ArgumentException("A certificate needs at least one name.", nameof(names));
        var subjectNames = new SubjectAlternativeNameBuilder();
        foreach (string text in names)
        {
            if (!SubjectName.TryHost(text, out string name))
                throw new ArgumentException($"'{text}' is neither a DNS name nor an IP address.", nameof(names));
            if (SubjectName.TryAddress(name, out IPAddress? address)) subjectNames.AddIpAddress(address);
            else subjectNames.AddDnsName(name);
        }

        string commonName = names.FirstOrDefault(n => n.Length <= MaxCommonName) ?? $"RawEcho {role}";
        CertificateRequest request = Request(Named(commonName), key, signer);
        var purpose = new Oid(role == PeerRole.Server ? ServerAuth : ClientAuth);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        // Every suite that the Engine offers signs its key exchange; none encrypts to the certificate's key.
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([purpose], critical: false));
        request.CertificateExtensions.Add(subjectNames.Build());
        return request;
    }

    /// <summary>
    /// Issues a certificate with the subject, names, purpose and key usage of an existing one, and a new serial number.
    /// </summary>
    /// <param name="old">The certificate; with its private key if that is to be kept.</param>
    /// <param name="validity">Of the new one.</param>
    /// <param name="newKey">True for a new key of the same kind.</param>
    /// <returns>The certificate with its private key; the caller disposes of it.</returns>
    public X509Certificate2 Renew(X509Certificate2 old, Validity validity, bool newKey)
    {
        using AsymmetricAlgorithm key = newKey
            ? KeyAlgorithms.Generate(KeyAlgorithms.Of(old.PublicKey))
            : (AsymmetricAlgorithm?)old.GetECDsaPrivateKey()
                ?? old.GetRSAPrivateKey()
                ?? throw new ArgumentException("It has no private key.", nameof(old));
        CertificateRequest request = Request(old.SubjectName, key, _algorithm);
        foreach (X509Extension extension in old.Extensions)
        {
            if (extension is not (X509SubjectKeyIdentifierExtension or X509AuthorityKeyIdentifierExtension))
                request.CertificateExtensions.Add(extension);
        }

        AddKeyIdentifiers(request);
        return Sign(request, key, Certificate.SubjectName, validity);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private void AddKeyIdentifiers(CertificateRequest request)
    {
        X509SubjectKeyIdentifierExtension issuerKey = Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single();
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuerKey));
    }

    private static X500DistinguishedName Named(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        return builder.Build();
    }

    // The hash of a signature goes by the key that signs: the CA's.
    private static CertificateRequest Request(X500DistinguishedName subject, AsymmetricAlgorithm key, KeyAlgorithm signer)
    {
        HashAlgorithmName hash = KeyAlgorithms.HashFor(signer);
        return key is RSA rsa
            ? new CertificateRequest(subject, rsa, hash, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, hash);
    }

    private X509Certificate2 Sign(CertificateRequest request, AsymmetricAlgorithm key, X500DistinguishedName issuer, Validity validity)
    {
        X509SignatureGenerator signer = _key is RSA ca
            ? X509SignatureGenerator.CreateForRSA(ca, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);
        // RFC 5280 section 4.1.2.2: positive, at most 20 octets. The second bit keeps every serial at its full length.
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        using X509Certificate2 bare = request.Create(issuer, signer, validity.NotBefore, validity.NotAfter, serial);
        return key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
    }
}
