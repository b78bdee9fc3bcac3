using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Foreign bytes, damaged at random from a seed that is always the same: nothing throws, and nothing damaged is let in.</summary>
public sealed class FuzzTests
{
    private static readonly Party Root = new("CN=Root"), Mid = new("CN=Mid"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    [Fact]
    public void A_damaged_certificate_is_refused_and_nothing_throws()
    {
        X509Extension[] extensions =
        [
            Purposes(TestPki.ServerAuth, TestPki.ClientAuth), Names("localhost", "@127.0.0.1"), Usage(X509KeyUsageFlags.DigitalSignature),
        ];
        byte[] whole = new CertificateForge { Extensions = extensions }.Encode(Someone, Root);
        var random = new Random(1);
        int evaluated = 0;
        for (int i = 0; i < 3_000; i++)
        {
            // Some damage is mended by reading: bytes behind the end, for one.
            if (Load(Damage(whole, random)) is not { } certificate || certificate.RawDataMemory.Span.SequenceEqual(whole)) continue;
            using (certificate)
            {
                evaluated++;
                PeerVerdict verdict = PeerVerifier.Verify(
                    certificate, [], [RootCa], PeerRole.Server, "localhost", policy: i % 2 == 0 ? TlsPolicy.Strict : TlsPolicy.Legacy);
                Assert.False(verdict.Accepted, Convert.ToHexString(certificate.RawData));
                Assert.DoesNotContain(verdict.Explanation!, char.IsControl);
            }
        }

        Assert.True(evaluated > 500, $"Only {evaluated} of 3,000 were certificates at all.");
    }

    [Fact]
    public void A_damaged_certificate_that_the_CA_signed_never_throws()
    {
        // The CA signs whatever: so the damage gets past the signature, to the rules.
        var random = new Random(2);
        X509Extension[] extensions = Peer().Extensions;
        for (int i = 0; i < 1_500; i++)
        {
            X509Extension[] damaged =
                [.. extensions.Select(e => random.Next(2) == 0 ? e : Raw(e.Oid!.Value!, Damage(e.RawData, random), e.Critical))];
            var forge = new CertificateForge { Extensions = damaged, Version = random.Next(20) == 0 ? 1 : 3 };
            if (Load(forge.Encode(Someone, Root)) is not { } certificate) continue;
            using (certificate)
            {
                foreach (PeerRole role in Enum.GetValues<PeerRole>())
                {
                    PeerVerdict verdict = PeerVerifier.Verify(
                        certificate, [], [RootCa], role, role == PeerRole.Server ? "localhost" : null, policy: TlsPolicy.Legacy);
                    Assert.Equal(verdict.Accepted, verdict.Explanation is null);
                }
            }
        }
    }

    [Fact]
    public void Damaged_intermediates_are_refused_and_nothing_throws()
    {
        byte[] whole = Authority().Encode(Mid, Root);
        using X509Certificate2 leaf = Peer().Sign(Someone, Mid);
        var random = new Random(3);
        for (int i = 0; i < 1_000; i++)
        {
            if (Load(Damage(whole, random)) is not { } intermediate || intermediate.RawDataMemory.Span.SequenceEqual(whole)) continue;
            using (intermediate)
                Assert.False(
                    PeerVerifier.Verify(leaf, [intermediate], [RootCa], PeerRole.Client).Accepted,
                    Convert.ToHexString(intermediate.RawData));
        }
    }

    [Fact]
    public void A_damaged_revocation_list_is_refused_with_a_sentence()
    {
        using X509Certificate2 revoked = Peer().Sign(Someone, Root);
        byte[] whole =
            new RevocationListForge { Revoked = [revoked], Extensions = [Raw("2.5.29.20", [2, 1, 1], critical: false)] }.Sign(Root);
        string pem = PemEncoding.WriteString("X509 CRL", whole);
        var random = new Random(4);
        using var folder = new TempFolder();
        for (int i = 0; i < 3_000; i++)
        {
            bool asPem = i % 3 == 0;
            byte[] damaged = Damage(asPem ? System.Text.Encoding.ASCII.GetBytes(pem) : whole, random);
            // PEM has room for differences that mean nothing, such as a blank for a line break.
            string text = string.Concat(System.Text.Encoding.Latin1.GetString(damaged).Where(c => !char.IsWhiteSpace(c)));
            if (asPem && text.Contains(Convert.ToBase64String(whole), StringComparison.Ordinal)) continue;
            try
            {
                RevocationLists lists = RevocationLists.Load([folder.Write("list", damaged)], [RootCa]);
                // Only a list of a CA that is not known yet gets so far, and that one is not believed.
                Assert.Contains(lists.WarningsAt(DateTimeOffset.UtcNow), w => w.Doubt == RevocationListDoubt.UnknownIssuer);
            }
            catch (CertificateFileException)
            {
                // The sentence.
            }
        }
    }

    private static X509Certificate2? Load(byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>One to three changes: a bit, a byte, some bytes gone, twice, or from elsewhere. Never the bytes as they were.</summary>
    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 2; n--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 8), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                default: bytes[at] = bytes[random.Next(bytes.Count)]; break;
            }
        }

        if (bytes.Count == whole.Length && bytes.SequenceEqual(whole)) bytes[random.Next(bytes.Count)] ^= 1;
        return [.. bytes];
    }
}
