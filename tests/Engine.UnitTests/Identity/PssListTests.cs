using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>RSA-PSS with a salt of any length and any mask, on lists and certificates that openssl signed.</summary>
public sealed class PssListTests : IDisposable
{
    private const int Serial = 0x0B;

    private const string Configuration = """
        [req]
        distinguished_name = name
        [name]
        [authority]
        basicConstraints = critical,CA:true
        keyUsage = critical,keyCertSign,cRLSign
        [peer]
        basicConstraints = critical,CA:false
        keyUsage = critical,digitalSignature
        extendedKeyUsage = clientAuth
        [ca]
        default_ca = here
        [here]
        database = index.txt
        crlnumber = number
        default_crl_days = 30
        """;

    // Making one takes longer than all that is done with it.
    private static readonly ConcurrentDictionary<int, string> Keys = new();

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(2048, "sha256", "0")]
    [InlineData(2048, "sha256", "20")]
    [InlineData(2048, "sha256", "32")]
    [InlineData(2048, "sha256", "max")]
    [InlineData(2048, "sha384", "32")]
    [InlineData(2048, "sha384", "48")]
    [InlineData(2048, "sha512", "0")]
    [InlineData(2048, "sha512", "max")]
    [InlineData(2048, "sha256", "max", "sha1")]
    [InlineData(2048, "sha256", "32", "sha512")]
    [InlineData(2048, "sha512", "20", "sha256")]
    // Moduli whose encoded message is a byte shorter, and one of which it uses a single bit.
    [InlineData(2049, "sha256", "max")]
    [InlineData(2049, "sha256", "20")]
    [InlineData(2050, "sha256", "max")]
    public void A_list_and_a_certificate_of_openssl_count(int bits, string hash, string salt, string? mask = null)
    {
        string[] options =
            ["-sigopt", "rsa_padding_mode:pss", "-sigopt", $"rsa_pss_saltlen:{salt}", "-sigopt", $"rsa_mgf1_md:{mask ?? hash}"];
        using X509Certificate2 ca = CreateAuthority(bits);
        string peerFile = _folder["peer.pem"], serial = Serial.ToString(CultureInfo.InvariantCulture);
        OpenSsl("req", "-new", "-config", "conf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "peer.key",
            "-subj", "/CN=peer", "-out", "peer.csr");
        OpenSsl(["x509", "-req", "-in", "peer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", serial, "-days", "9",
            "-extfile", "conf", "-extensions", "peer", $"-{hash}", .. options, "-out", "peer.pem"]);
        _folder.Write("index.txt", $"R\t350101000000Z\t250101000000Z\t{Serial:X2}\tunknown\t/CN=peer\n");
        OpenSsl(["ca", "-gencrl", "-config", "conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-md", hash, .. options, "-out", "list.pem"]);
        OpenSsl("crl", "-in", "list.pem", "-outform", "der", "-out", "list.der");

        using X509Certificate2 peer = X509CertificateLoader.LoadCertificateFromFile(peerFile);
        PeerVerdict verdict = PeerVerifier.Verify(peer, [], [ca], PeerRole.Client);
        Assert.True(verdict.Accepted, verdict.Explanation);
        RevocationLists lists = RevocationLists.Load([_folder["list.pem"]], [ca]);
        Assert.Equal(CertificateFault.Revoked, lists.Evaluate(verdict.Peer!, DateTimeOffset.UtcNow).Fault);

        byte[] list = File.ReadAllBytes(_folder["list.der"]);
        Assert.True(Counts(list, ca));
        var random = new Random(bits);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. list];
            damaged[random.Next(list.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(Counts(damaged, ca));
        }
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void The_project_s_verification_says_what_the_platform_s_says(string name)
    {
        var kind = new HashAlgorithmName(name);
        using RSA key = RSA.Create(2048), other = RSA.Create(2048);
        byte[] hash = CryptographicOperations.HashData(kind, "what was signed"u8);
        byte[] signature = key.SignHash(hash, kind, RSASignaturePadding.Pss);
        var parameters = new PssParameters(kind, hash.Length);
        Assert.True(PssSignature.VerifyAny(key, hash, signature, kind, parameters));
        Assert.False(PssSignature.VerifyAny(other, hash, signature, kind, parameters));
        for (int i = 0; i < signature.Length * 8; i++)
        {
            signature[i / 8] ^= (byte)(1 << (i % 8));
            Assert.False(PssSignature.VerifyAny(key, hash, signature, kind, parameters), $"Bit {i} of the signature makes no difference");
            signature[i / 8] ^= (byte)(1 << (i % 8));
        }

        for (int i = 0; i < hash.Length * 8; i++)
        {
            byte[] changed = [.. hash];
            changed[i / 8] ^= (byte)(1 << (i % 8));
            Assert.False(PssSignature.VerifyAny(key, changed, signature, kind, parameters), $"Bit {i} of the hash makes no difference");
        }
    }

    [Fact]
    public void A_salt_of_another_length_another_mask_and_a_signature_of_another_length_are_refused()
    {
        HashAlgorithmName kind = HashAlgorithmName.SHA256;
        using RSA key = RSA.Create(2048);
        byte[] hash = CryptographicOperations.HashData(kind, "what was signed"u8);
        byte[] signature = key.SignHash(hash, kind, RSASignaturePadding.Pss);
        foreach (int length in (int[])[0, 20, 31, 33, 222, 223, 2048])
            Assert.False(PssSignature.VerifyAny(key, hash, signature, kind, new PssParameters(kind, length)));
        foreach (HashAlgorithmName mask in (HashAlgorithmName[])[HashAlgorithmName.SHA1, HashAlgorithmName.SHA384])
            Assert.False(PssSignature.VerifyAny(key, hash, signature, kind, new PssParameters(mask, hash.Length)));
        var right = new PssParameters(kind, hash.Length);
        byte[] modulus = key.ExportParameters(false).Modulus!;
        byte[][] others = [[], signature[1..], signature[..^1], [0, .. signature], [.. signature, 0], modulus, new byte[256]];
        foreach (byte[] other in others)
            Assert.False(PssSignature.VerifyAny(key, hash, other, kind, right));
        byte[] pkcs1 = key.SignHash(hash, kind, RSASignaturePadding.Pkcs1);
        Assert.False(PssSignature.VerifyAny(key, hash, pkcs1, kind, right));
    }

    [Fact]
    public void Parameters_that_mean_nothing_are_no_algorithm()
    {
        const string start = "06092A864886F70D01010A", hash = "A00F300D06096086480165030402010500";
        const string mask = "A11C301A06092A864886F70D010108300D06096086480165030402010500";
        Assert.Equal(new PssParameters(HashAlgorithmName.SHA256, 20), Read(hash + mask)!.Value.Pss);
        Assert.Equal(new PssParameters(HashAlgorithmName.SHA1, 20), Read(hash)!.Value.Pss);
        Assert.Equal(32, Read(hash + mask + "A203020120")!.Value.Pss!.SaltLength);
        Assert.Equal(32, Read(hash + mask + "A203020120A303020101")!.Value.Pss!.SaltLength);
        Assert.Null(Read(""));
        Assert.Null(Read(mask));
        Assert.Null(Read("A009300706052B0E03021A"));
        Assert.Null(Read(hash + mask + "A2030201FF"));
        Assert.Null(Read(hash + mask + "A20602047FFFFFFF"));
        Assert.Null(Read(hash + mask + "A20A020800FFFFFFFFFFFFFF"));
        Assert.Null(Read(hash + mask + "A203020120A303020102"));
        Assert.Null(Read(hash + "A11C301A06092A864886F70D010107300D06096086480165030402010500"));

        SignatureAlgorithm? Read(string fields)
        {
            byte[] parameters = Convert.FromHexString(fields), oid = Convert.FromHexString(start);
            int length = parameters.Length;
            return SignatureAlgorithm.Read((byte[])[0x30, (byte)(oid.Length + length + 2), .. oid, 0x30, (byte)length, .. parameters]);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static bool Counts(byte[] list, X509Certificate2 ca)
    {
        try
        {
            return RevocationList.Parse(list).Signature.IsBy(ca);
        }
        catch (RevocationListException)
        {
            return false;
        }
    }

    private X509Certificate2 CreateAuthority(int bits)
    {
        _folder.Write("conf", Configuration);
        _folder.Write("number", "01\n");
        _folder.Write("ca.key", Keys.GetOrAdd(bits, CreateKey));
        OpenSsl("req", "-x509", "-new", "-config", "conf", "-extensions", "authority", "-key", "ca.key", "-subj", "/CN=PSS CA",
            "-days", "30", "-out", "ca.pem");
        return X509CertificateLoader.LoadCertificateFromFile(_folder["ca.pem"]);
    }

    private string CreateKey(int bits)
    {
        OpenSsl("genpkey", "-algorithm", "RSA", "-pkeyopt", $"rsa_keygen_bits:{bits}", "-out", "new.key");
        return File.ReadAllText(_folder["new.key"]);
    }

    private void OpenSsl(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("openssl", arguments)
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process openssl = Process.Start(start)!;
            Task<string> output = openssl.StandardOutput.ReadToEndAsync(), errors = openssl.StandardError.ReadToEndAsync();
            bool ended = openssl.WaitForExit(TimeSpan.FromSeconds(60));
            if (!ended) openssl.Kill();
            Assert.True(ended && openssl.ExitCode == 0, $"openssl {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
            output.GetAwaiter().GetResult();
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no openssl on this machine.");
        }
    }
}
