using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>
/// Each thing that can be wrong with a file of certificates is a value of its own; the options that mend it are the programs' words.
/// </summary>
public sealed class CertificateFileProblemTests : IDisposable
{
    private const string Password = "a password";

    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new();
    private readonly X509Certificate2 _certificate, _other;
    private readonly string _pem, _key;

    public CertificateFileProblemTests()
    {
        _certificate = _pki.Issue(new Leaf());
        _other = _pki.Issue(new Leaf());
        _pem = _folder.Write("cert.pem", _certificate.ExportCertificatePem());
        _key = _folder.Write("key.pem", KeyOf(_certificate).ExportPkcs8PrivateKeyPem());
    }

    [Fact]
    public void A_file_that_cannot_be_read()
    {
        string missing = _folder["missing.pem"];
        Assert.Equal(CertificateFileProblem.NotFound, Problem(missing, () => TrustStore.Read(missing)));
        Assert.Equal(CertificateFileProblem.NotFound, Problem(missing, () => TlsIdentity.Load(_pem, missing, null)));
        string below = Path.Combine(missing, "below.pem");
        Assert.Equal(CertificateFileProblem.NotFound, Problem(below, () => TrustStore.Read(below)));
        Assert.Equal(CertificateFileProblem.IsDirectory, Problem(_folder.Path, () => TrustStore.Read(_folder.Path)));
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) return;
        File.SetUnixFileMode(_key, UnixFileMode.None);
        Assert.Equal(CertificateFileProblem.NoPermission, Problem(_key, () => TlsIdentity.FromPem(_pem, _key)));
    }

    [Fact]
    public void Any_other_failure_to_read_keeps_the_words_of_the_platform()
    {
        var failure = new CertificateFileException("file", CertificateFileProblem.Unreadable, new IOException("The device is not ready."));
        Assert.Equal("file: cannot be read: The device is not ready.", failure.Message);
        var refused = new CertificateFileException(
            "key.pem", CertificateFileProblem.RefusedKey, new CryptographicException("Unknown error (0x80090029)"))
        {
            Line = 1,
        };
        Assert.Equal(
            "key.pem: line 1: this system's cryptography does not take the private key: Unknown error (0x80090029).",
            refused.Message);
    }

    [Fact]
    public void A_file_without_a_certificate()
    {
        string text = _folder.Write("text.pem", "This is no PEM.\n");
        Assert.Equal(CertificateFileProblem.NoCertificate, Problem(text, () => TrustStore.Read(text)));
        Assert.Equal(CertificateFileProblem.NoCertificate, Problem(_key, () => TlsIdentity.FromPem(_key, _key)));
        string damaged = _folder.Write("damaged.pem", PemEncoding.WriteString("CERTIFICATE", _certificate.RawData.AsSpan(0, 100)));
        Assert.Equal(CertificateFileProblem.DamagedCertificate, Problem(damaged, () => TrustStore.Read(damaged)));
        string noise = _folder.Write("noise.der", [0x30, 0x82, 1, 0, 0x42]);
        Assert.Equal(CertificateFileProblem.NotCertificate, Problem(noise, () => TrustStore.Read(noise)));
    }

    [Fact]
    public void A_file_without_a_key()
    {
        Assert.Equal(
            CertificateFileProblem.KeyMissing, Problem(_pem, () => TlsIdentity.Load(_pem, null, null), "name its key with --key."));
        Assert.Equal(CertificateFileProblem.NoPemKey, Problem(_pem, () => TlsIdentity.FromPem(_pem, _pem)));
        string pfx = _folder.Write("public.pfx", new X509Certificate2Collection(_pki.Roots).Export(X509ContentType.Pfx, Password)!);
        Assert.Equal(CertificateFileProblem.NoPrivateKey, Problem(pfx, () => TlsIdentity.FromPfx(pfx, Password)));
    }

    [Fact]
    public void A_key_that_is_not_that_of_the_certificate()
    {
        string other = _folder.Write("other.pem", KeyOf(_other).ExportPkcs8PrivateKeyPem());
        CertificateFileException mismatch = Failure(() => TlsIdentity.FromPem(_pem, other));
        Assert.Equal((CertificateFileProblem.KeyMismatch, other, _pem), (mismatch.Problem, mismatch.File, mismatch.CertificateFile));
    }

    [Fact]
    public void A_key_under_a_password()
    {
        string locked = _folder.Write("locked.pem", Lock(_certificate)), foreign = _folder.Write("foreign.pem", Lock(_other));
        const string way = "name its password with --password-env or --password-file.";
        Assert.Equal(CertificateFileProblem.KeyEncrypted, Problem(locked, () => TlsIdentity.FromPem(_pem, locked), way));
        CertificateFileException wrong = Failure(() => TlsIdentity.FromPem(_pem, locked, "wrong"));
        Assert.Equal((CertificateFileProblem.WrongPassword, locked), (wrong.Problem, wrong.File));
        Assert.Equal(CertificateFileProblem.KeyMismatch, Problem(foreign, () => TlsIdentity.FromPem(_pem, foreign, Password)));
        using TlsIdentity good = TlsIdentity.FromPem(_pem, locked, Password);
        Assert.True(good.Certificate.HasPrivateKey);
    }

    [Fact]
    public void A_PFX_file_that_cannot_be_opened()
    {
        string pfx = _folder.Write("locked.pfx", _certificate.Export(X509ContentType.Pfx, Password));
        const string way = "name it with --password-env or --password-file.";
        Assert.Equal(CertificateFileProblem.PasswordMissing, Problem(pfx, () => TlsIdentity.Load(pfx, null, null), way));
        Assert.Equal(CertificateFileProblem.WrongPassword, Problem(pfx, () => TlsIdentity.Load(pfx, null, "wrong")));
        string der = _folder.Write("cert.der", _certificate.RawData);
        Assert.Equal(CertificateFileProblem.NotPkcs12, Problem(der, () => TlsIdentity.Load(der, null, null)));
    }

    [Fact]
    public void A_file_that_is_no_allow_list()
    {
        string binary = _folder.Write("binary", [0xff, 0x80, 0x80]), list = _folder.Write("list", "cn:one\n# a remark\nsomeone\n");
        Assert.Equal(CertificateFileProblem.NotText, Problem(binary, () => PeerAllowList.ReadFile(binary)));
        CertificateFileException line = Failure(() => PeerAllowList.ReadFile(list));
        Assert.Equal((CertificateFileProblem.NotAllowListEntry, 3), (line.Problem, line.Line));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _other.Dispose();
        _pki.Dispose();
        _folder.Dispose();
    }

    private static ECDsa KeyOf(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!;

    private static string Lock(X509Certificate2 certificate) => KeyOf(certificate).ExportEncryptedPkcs8PrivateKeyPem(
        Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 1000));

    private static CertificateFileException Failure(Func<object> load) => Assert.Throws<CertificateFileException>(load);

    // Every message is one sentence that names the file, and so is what a program makes of it.
    private static CertificateFileProblem Problem(string file, Func<object> load, string? way = null)
    {
        CertificateFileException failure = Failure(load);
        Assert.Equal(file, failure.File);
        foreach (string sentence in new[] { failure.Message, ProblemText.Of(failure) })
        {
            Assert.StartsWith($"{file}: ", sentence, StringComparison.Ordinal);
            Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        }

        if (way is null) Assert.Equal(failure.Message, ProblemText.Of(failure));
        else Assert.EndsWith(way, ProblemText.Of(failure), StringComparison.Ordinal);
        return failure.Problem;
    }
}
