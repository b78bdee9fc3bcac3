using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Keys and PKCS#12 files as other programs write them: what can be read is read, what cannot is named for what it is.</summary>
public sealed class PrivateKeyTests : IDisposable
{
    private const string Password = "a password";
    private const string Scrypt = "1.3.6.1.4.1.11591.4.11", Camellia = "1.2.392.200011.61.1.1.1.4", Aes = "2.16.840.1.101.3.4.1.42";

    private static readonly PbeParameters Pbe = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 1000);

    private readonly TempFolder _folder = new();
    private readonly TestPki _root = new("CN=Root"), _middle;
    private readonly X509Certificate2 _leaf, _other;
    private readonly Lazy<X509Certificate2> _rsaLeaf;

    public PrivateKeyTests()
    {
        _middle = _root.Intermediate("CN=Middle");
        _leaf = _middle.Issue(new Leaf { Subject = "CN=own" });
        _rsaLeaf = new(() => _middle.Issue(new Leaf { Subject = "CN=own", RsaBits = 2048 }));
        _other = _middle.Issue(new Leaf { Subject = "CN=other" });
    }

    public static TheoryData<string, string> UnsupportedKinds => new()
    {
        { "1.3.101.112", "Ed25519" }, { "1.3.101.113", "Ed448" }, { "1.3.101.110", "X25519" }, { "1.2.840.113549.1.1.10", "RSA-PSS" },
        { "1.2.840.10040.4.1", "DSA" }, { "1.2.3.4", "1.2.3.4" },
    };

    [Fact]
    public void Keys_of_every_form_are_read()
    {
        ECDsa ec = _leaf.GetECDsaPrivateKey()!;
        RSA rsa = _rsaLeaf.Value.GetRSAPrivateKey()!;
        string parameters = Pem("EC PARAMETERS", [6, 8, 42, 134, 72, 206, 61, 3, 1, 7]);
        string own = _leaf.ExportCertificatePem(), rsaOwn = _rsaLeaf.Value.ExportCertificatePem();
        (string Certificate, byte[] Key)[] cases =
        [
            (own, Text(ec.ExportPkcs8PrivateKeyPem())),
            (own, Text($"{parameters}\n{ec.ExportECPrivateKeyPem()}")),
            (own, Text(ec.ExportEncryptedPkcs8PrivateKeyPem(Password, Pbe))),
            (own, Text(Explicit(ec).ExportECPrivateKeyPem())),
            (own, Text(Explicit(ec).ExportPkcs8PrivateKeyPem())),
            (own, Text(Key(_other).ExportPkcs8PrivateKeyPem() + "\n" + ec.ExportPkcs8PrivateKeyPem())),
            (own, Text(rsa.ExportRSAPrivateKeyPem() + "\n" + ec.ExportECPrivateKeyPem())),
            (own, Text(Pem("PRIVATE KEY", Pkcs8("1.3.101.112")) + "\n" + ec.ExportECPrivateKeyPem())),
            (own, ec.ExportPkcs8PrivateKey()),
            (own, ec.ExportECPrivateKey()),
            (own, ec.ExportEncryptedPkcs8PrivateKey(Password, Pbe)),
            (rsaOwn, rsa.ExportRSAPrivateKey()),
            (rsaOwn, Text(rsa.ExportRSAPrivateKeyPem())),
            (rsaOwn, Text(rsa.ExportPkcs8PrivateKeyPem())),
            (own, Text(own + "\n" + ec.ExportPkcs8PrivateKeyPem())),
        ];
        foreach ((string certificate, byte[] key) in cases)
        {
            using TlsIdentity identity = Load(certificate, key, Password);
            Assert.Equal("CN=own", identity.Certificate.Subject);
            Assert.True(identity.Certificate.HasPrivateKey);
        }
    }

    [Theory]
    [InlineData("ec", "-aes256")]
    [InlineData("ec", "-des3")]
    [InlineData("rsa", "-aes128")]
    public async Task The_old_encryption_of_OpenSSL_is_read(string kind, string cipher)
    {
        X509Certificate2 certificate = kind == "ec" ? _leaf : _rsaLeaf.Value;
        AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        string plain = _folder.Write("plain.pem", key.ExportPkcs8PrivateKeyPem()), locked = _folder["locked.pem"];
        string[] traditional = kind == "rsa" ? ["-traditional"] : [];
        await OpenSslAsync([kind, "-in", plain, cipher, "-passout", $"pass:{Password}", "-out", locked, .. traditional]);
        Assert.Contains("Proc-Type: 4,ENCRYPTED", File.ReadAllText(locked), StringComparison.Ordinal);
        foreach (string text in new[] { File.ReadAllText(locked), File.ReadAllText(locked).ReplaceLineEndings("\r\n") })
        {
            using TlsIdentity identity = Load(certificate.ExportCertificatePem(), Text(text), Password);
            Assert.True(identity.Certificate.HasPrivateKey);
            Assert.Equal(CertificateFileProblem.KeyEncrypted, Failure(certificate, Text(text), null).Problem);
            Assert.Equal(CertificateFileProblem.WrongPassword, Failure(certificate, Text(text), "wrong").Problem);
        }
    }

    [Fact]
    public void A_cipher_of_old_that_is_not_supported_is_named()
    {
        string key = $"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: CAMELLIA-256-CBC,{new string('0', 32)}\n\n"
            + "AAAAAAAAAAAAAAAAAAAAAA==\n-----END EC PRIVATE KEY-----";
        CertificateFileException failure = Failure(_leaf, Text(key), Password);
        Assert.Equal((CertificateFileProblem.UnsupportedProtection, "CAMELLIA-256-CBC", 1), (failure.Problem, failure.Kind, failure.Line));
    }

    [Theory]
    [MemberData(nameof(UnsupportedKinds))]
    public void A_key_of_a_kind_that_is_not_supported_is_named(string oid, string name)
    {
        byte[] key = Pkcs8(oid);
        CertificateFileException plain = Failure(_leaf, Text(Pem("PRIVATE KEY", key)), null);
        Assert.Equal((CertificateFileProblem.UnsupportedKey, name, 1), (plain.Problem, plain.Kind, plain.Line));
        Assert.Contains("RSA, or ECDSA", ProblemText.Of(plain), StringComparison.Ordinal);
        byte[] locked = Pkcs8PrivateKeyInfo.Decode(key, out _).Encrypt(Password, Pbe);
        CertificateFileException encrypted = Failure(_leaf, Text(Pem("ENCRYPTED PRIVATE KEY", locked)), Password);
        Assert.Equal((CertificateFileProblem.UnsupportedKey, name), (encrypted.Problem, encrypted.Kind));
        Assert.Equal(CertificateFileProblem.UnsupportedKey, Failure(_leaf, key, null).Problem);

        var keys = new Pkcs12SafeContents();
        keys.AddSafeBag(new Pkcs12ShroudedKeyBag(locked));
        CertificateFileException pfx = PfxFailure(Pfx(keys, Certificates(_leaf)));
        Assert.Equal((CertificateFileProblem.UnsupportedKey, name), (pfx.Problem, pfx.Kind));
    }

    [Fact]
    public void The_old_labels_of_other_kinds_are_named()
    {
        foreach (string kind in new[] { "DSA", "OPENSSH", "ANY" })
        {
            CertificateFileException failure = Failure(_leaf, Text(Pem($"{kind} PRIVATE KEY", [48, 3, 2, 1, 0])), null);
            Assert.Equal((CertificateFileProblem.UnsupportedKey, kind), (failure.Problem, failure.Kind));
        }
    }

    [Theory]
    [InlineData(Scrypt, Aes, "scrypt")]
    [InlineData("1.2.840.113549.1.5.12", Camellia, "camellia-256-cbc")]
    public void A_protection_that_is_not_supported_is_named_and_not_called_a_wrong_password(string derivation, string cipher, string name)
    {
        byte[] locked = Locked(derivation, cipher);
        CertificateFileException pem = Failure(_leaf, Text(Pem("ENCRYPTED PRIVATE KEY", locked)), Password);
        Assert.Equal(CertificateFileProblem.UnsupportedProtection, pem.Problem);
        Assert.Equal(name, pem.Kind, ignoreCase: true);
        Assert.Contains("openssl pkey", ProblemText.Of(pem), StringComparison.Ordinal);
        Assert.Equal(CertificateFileProblem.UnsupportedProtection, Failure(_leaf, locked, Password).Problem);

        var keys = new Pkcs12SafeContents();
        keys.AddSafeBag(new Pkcs12ShroudedKeyBag(locked));
        CertificateFileException pfx = PfxFailure(Pfx(keys, Certificates(_leaf)));
        Assert.Equal(CertificateFileProblem.UnsupportedProtection, pfx.Problem);
        Assert.Equal(name, pfx.Kind, ignoreCase: true);
    }

    [Fact]
    public void A_damaged_key_is_not_called_the_key_of_another_certificate()
    {
        foreach (string label in new[] { "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY" })
            Assert.Equal(CertificateFileProblem.DamagedKey, Failure(_leaf, Text(Pem(label, [48, 3, 2, 1, 0])), Password).Problem);
        Assert.Equal(CertificateFileProblem.KeyMismatch, Failure(_leaf, Text(Key(_other).ExportPkcs8PrivateKeyPem()), null).Problem);
        Assert.Equal(
            CertificateFileProblem.NoPemKey, Failure(_leaf, Text(Key(_leaf).ExportSubjectPublicKeyInfoPem()), null).Problem);
    }

    [Fact]
    public void The_certificate_that_fits_the_key_is_found_in_any_order_and_the_chain_is_sorted()
    {
        X509Certificate2[] all = [_leaf, _middle.Issuer, _root.Issuer, _other];
        foreach (int[] order in new int[][] { [0, 1, 2, 3], [3, 2, 1, 0], [2, 1, 0, 3], [1, 0, 3, 2] })
        {
            string chain = string.Join('\n', order.Select(i => all[i].ExportCertificatePem()));
            using TlsIdentity identity = Load(chain, Text(Key(_leaf).ExportPkcs8PrivateKeyPem()), null);
            Assert.Equal("CN=own", identity.Certificate.Subject);
            Assert.Equal(["CN=Middle", "CN=Root", "CN=other"], identity.Intermediates.Select(c => c.Subject));
        }
    }

    [Fact]
    public void Of_two_certificates_of_one_key_the_one_that_is_valid_is_shown()
    {
        var request = new CertificateRequest("CN=expired", Key(_leaf), HashAlgorithmName.SHA256);
        using X509Certificate2 expired = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-1));
        string both = expired.ExportCertificatePem() + "\n" + _leaf.ExportCertificatePem();
        using TlsIdentity identity = Load(both, Text(Key(_leaf).ExportPkcs8PrivateKeyPem()), null);
        Assert.Equal("CN=own", identity.Certificate.Subject);

        using TlsIdentity pfx = LoadPfx(Pfx(Keys(_leaf), Certificates(expired, _leaf)));
        Assert.Equal("CN=own", pfx.Certificate.Subject);
    }

    [Fact]
    public void PKCS12_files_of_every_make_are_read()
    {
        Pkcs12SafeContents[][] cases =
        [
            [Keys(_leaf), Certificates(_leaf, _middle.Issuer)],
            [Certificates(_middle.Issuer, _root.Issuer, _leaf), Keys(_leaf)],
            [Keys(_leaf), Certificates(_leaf, _leaf, _middle.Issuer)],
            [Keys(_leaf, _leaf), Certificates(_leaf, _middle.Issuer)],
            [Keys(_other, _leaf), Certificates(_middle.Issuer, _leaf)],
            [Keys(_other), Keys(_leaf), Certificates(_leaf), Certificates(_middle.Issuer)],
        ];
        foreach (Pkcs12SafeContents[] contents in cases)
        {
            using TlsIdentity identity = LoadPfx(Pfx(contents));
            Assert.Equal("CN=own", identity.Certificate.Subject);
            Assert.True(identity.Certificate.HasPrivateKey);
            Assert.Equal(["CN=Middle"], identity.Intermediates.Select(c => c.Subject));
        }
    }

    [Fact]
    public void The_limits_of_the_platform_for_strangers_do_not_count_for_an_own_file()
    {
        var slow = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 700_000);
        var keys = new Pkcs12SafeContents();
        keys.AddShroudedKey(Key(_leaf), Password, slow);
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsEncrypted(keys, Password, slow);
        builder.AddSafeContentsUnencrypted(Certificates(_leaf));
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, 700_000);
        using TlsIdentity identity = LoadPfx(builder.Encode());
        Assert.True(identity.Certificate.HasPrivateKey);
    }

    [Fact]
    public void No_password_and_the_empty_one_are_the_same_to_who_has_none()
    {
        foreach (string? sealedWith in new[] { null, "" })
        {
            var builder = new Pkcs12Builder();
            builder.AddSafeContentsUnencrypted(Keys(_leaf, password: ""));
            builder.AddSafeContentsEncrypted(Certificates(_leaf), sealedWith, Pbe);
            builder.SealWithMac(sealedWith, HashAlgorithmName.SHA256, 1000);
            string file = _folder.Write("none.pfx", builder.Encode());
            using TlsIdentity identity = TlsIdentity.FromPfx(file);
            Assert.True(identity.Certificate.HasPrivateKey);
        }
    }

    [Fact]
    public void A_PKCS12_file_that_cannot_be_read_is_named_for_what_it_is()
    {
        byte[] good = Pfx(Keys(_leaf), Certificates(_leaf));
        Assert.Equal(CertificateFileProblem.WrongPassword, PfxFailure(good, "wrong").Problem);
        Assert.Equal(CertificateFileProblem.PasswordMissing, PfxFailure(good, null).Problem);

        CertificateFileException mac = PfxFailure(WithMacAlgorithm(good, "1.2.840.113549.1.5.14"));
        Assert.Equal((CertificateFileProblem.UnsupportedProtection, "PBMAC1"), (mac.Problem, mac.Kind));
        Assert.Contains("openssl pkcs12", ProblemText.Of(mac), StringComparison.Ordinal);

        Assert.Equal(CertificateFileProblem.KeyMismatch, PfxFailure(Pfx(Keys(_other), Certificates(_leaf))).Problem);
        Assert.Equal(CertificateFileProblem.NoPrivateKey, PfxFailure(Pfx(Certificates(_leaf))).Problem);
        Assert.Equal(CertificateFileProblem.NoCertificate, PfxFailure(Pfx(Keys(_leaf))).Problem);
        foreach (int length in new[] { 20, good.Length / 2, good.Length - 1 })
            Assert.Equal(CertificateFileProblem.NotPkcs12, PfxFailure(good[..length]).Problem);
    }

    [Fact]
    public void Nothing_that_is_read_as_an_identity_makes_the_platform_throw_past_it()
    {
        byte[] pfx = Pfx(Keys(_leaf), Certificates(_leaf));
        byte[] key = Key(_leaf).ExportEncryptedPkcs8PrivateKey(Password, Pbe);
        // The last bytes hold the number of rounds of the authentication code, and millions of them would take their time.
        int changed = pfx.Length - 8;
        var random = new Random(12);
        for (int i = 0; i < 100; i++)
        {
            byte[] wrongPfx = [.. pfx], wrongKey = [.. key];
            wrongPfx[random.Next(changed)] = (byte)random.Next(256);
            wrongKey[random.Next(key.Length)] = (byte)random.Next(256);
            Try(() => LoadPfx(wrongPfx));
            Try(() => Load(_leaf.ExportCertificatePem(), Text(Pem("ENCRYPTED PRIVATE KEY", wrongKey)), Password));
        }

        static void Try(Func<TlsIdentity> load)
        {
            try
            {
                load().Dispose();
            }
            catch (CertificateFileException e)
            {
                Assert.EndsWith(".", ProblemText.Of(e), StringComparison.Ordinal);
            }
        }
    }

    public void Dispose()
    {
        foreach (X509Certificate2 c in new[] { _leaf, _other }) c.Dispose();
        if (_rsaLeaf.IsValueCreated) _rsaLeaf.Value.Dispose();
        _middle.Dispose();
        _root.Dispose();
        _folder.Dispose();
    }

    private static ECDsa Key(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!;

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Pem(string label, byte[] data) => new(PemEncoding.Write(label, data));

    private static ECDsa Explicit(ECDsa key) => ECDsa.Create(key.ExportExplicitParameters(includePrivateParameters: true));

    private static Pkcs12SafeContents Keys(params X509Certificate2[] of) => Keys(Password, of);

    private static Pkcs12SafeContents Keys(X509Certificate2 of, string password) => Keys(password, of);

    private static Pkcs12SafeContents Keys(string password, params X509Certificate2[] of)
    {
        var contents = new Pkcs12SafeContents();
        foreach (X509Certificate2 c in of) contents.AddShroudedKey(Key(c), password, Pbe);
        return contents;
    }

    private static Pkcs12SafeContents Certificates(params X509Certificate2[] certificates)
    {
        var contents = new Pkcs12SafeContents();
        foreach (X509Certificate2 c in certificates) contents.AddCertificate(c);
        return contents;
    }

    private static byte[] Pfx(params Pkcs12SafeContents[] contents)
    {
        var builder = new Pkcs12Builder();
        foreach (Pkcs12SafeContents c in contents) builder.AddSafeContentsEncrypted(c, Password, Pbe);
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, 1000);
        return builder.Encode();
    }

    private static byte[] Pkcs8(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
            writer.WriteOctetString([4, 2, 1, 2]);
        }

        return writer.Encode();
    }

    private static byte[] Locked(string derivation, string cipher)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.5.13");
                using (writer.PushSequence())
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(derivation);
                        using (writer.PushSequence())
                        {
                            writer.WriteOctetString(new byte[16]);
                            writer.WriteInteger(1024);
                        }
                    }

                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(cipher);
                        writer.WriteOctetString(new byte[16]);
                    }
                }
            }

            writer.WriteOctetString(new byte[64]);
        }

        return writer.Encode();
    }

    private static byte[] WithMacAlgorithm(byte[] pfx, string oid)
    {
        AsnReader fields = new AsnReader(pfx, AsnEncodingRules.BER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(fields.ReadEncodedValue().Span);
            writer.WriteEncodedValue(fields.ReadEncodedValue().Span);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
                    writer.WriteOctetString(new byte[32]);
                }

                writer.WriteOctetString(new byte[8]);
                writer.WriteInteger(1);
            }
        }

        return writer.Encode();
    }

    private TlsIdentity Load(string certificate, byte[] key, string? password) =>
        TlsIdentity.Load(_folder.Write("cert.pem", certificate), _folder.Write("key", key), password);

    private TlsIdentity LoadPfx(byte[] pfx) => TlsIdentity.Load(_folder.Write("own.pfx", pfx), null, Password);

    private CertificateFileException Failure(X509Certificate2 certificate, byte[] key, string? password)
    {
        CertificateFileException failure =
            Assert.Throws<CertificateFileException>(() => Load(certificate.ExportCertificatePem(), key, password));
        Assert.Equal(_folder["key"], failure.File);
        return failure;
    }

    private CertificateFileException PfxFailure(byte[] pfx, string? password = Password) =>
        Assert.Throws<CertificateFileException>(() => TlsIdentity.Load(_folder.Write("own.pfx", pfx), null, password));

    private static async Task OpenSslAsync(IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true })!;
            string said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WithinLimit();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WithinLimit();
            Assert.True(process.ExitCode == 0, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no openssl on this machine.");
        }
    }
}
