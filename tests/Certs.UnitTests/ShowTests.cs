using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;

namespace RawEcho.Certs.UnitTests;

public sealed class ShowTests
{
    [Theory]
    [InlineData(CertificateSet.ServerCertificate, "TLS server", "localhost, 127.0.0.1")]
    [InlineData(CertificateSet.ServerPfx, "TLS server", "localhost, 127.0.0.1")]
    [InlineData(CertificateSet.ClientPfx, "TLS client", "client.rawecho.test")]
    public async Task Show_says_who_it_is_what_for_and_how_long(string name, string purpose, string names)
    {
        using SetDirectory set = SetDirectory.WithSet();
        Run run = await Tool.RunAsync("show", set[name]);
        using X509Certificate2 certificate =
            X509CertificateLoader.LoadCertificateFromFile(set[name.Replace(".pfx", ".pem", StringComparison.Ordinal)]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        string[] expected =
        [
            certificate.Subject, certificate.Issuer, certificate.SerialNumber, certificate.Thumbprint,
            certificate.GetCertHashString(HashAlgorithmName.SHA256), names, purpose, "ECDSA P-256", " days left",
        ];
        Assert.All(expected, e => Assert.Contains(e, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_certificates_of_a_file_are_shown_and_all_files()
    {
        using SetDirectory set = SetDirectory.WithSet();
        string both = File.ReadAllText(set[CertificateSet.ServerCertificate]) + File.ReadAllText(set[CertificateSet.CaCertificate]);
        File.WriteAllText(set["chain.pem"], "0: text before the first\n" + both);
        using (X509Certificate2 ca = X509CertificateLoader.LoadCertificateFromFile(set[CertificateSet.CaCertificate]))
            File.WriteAllBytes(set["ca.der"], ca.RawData);
        Run run = await Tool.RunAsync("show", set["chain.pem"], set["ca.der"], set[CertificateSet.CaKey]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Contains("chain.pem (1 of 2)", run.Output, StringComparison.Ordinal);
        Assert.Contains("chain.pem (2 of 2)", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, Count(run.Output, "  SHA-256  "));
        Assert.Equal(2, Count(run.Output, "  CA         yes"));
        Assert.Contains("a private key and no certificate", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_is_named_and_does_not_keep_the_others_from_being_shown()
    {
        using SetDirectory set = SetDirectory.WithSet();
        byte[] truncated = File.ReadAllBytes(set[CertificateSet.ServerPfx])[..200];
        (string Name, byte[] Content)[] bad =
        [
            ("empty", []), ("text", "hello"u8.ToArray()), ("zero", new byte[100]), ("der", [0x30, 0x82, 0xFF, 0xFF, 1, 2]),
            ("cut.pfx", truncated),
            ("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"u8.ToArray()),
        ];
        foreach ((string name, byte[] content) in bad) File.WriteAllBytes(set[name], content);
        string[] files = [.. bad.Select(b => set[b.Name]), set["missing"], set.Path];
        Run run = await Tool.RunAsync(["show", .. files, set[CertificateSet.CaCertificate]]);

        Assert.Equal(ExitCode.Certificate, run.ExitCode);
        string[] errors = run.Error.Trim().Split('\n');
        Assert.Equal(files.Length, errors.Length);
        Assert.All(files.Zip(errors), pair => Assert.StartsWith($"rawecho-certs: {pair.First}: ", pair.Second, StringComparison.Ordinal));
        Assert.Equal(1, Count(run.Output, "  SHA-256  "));
    }

    [Fact]
    public async Task Names_cannot_steer_the_terminal()
    {
        using var directory = new SetDirectory();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName("evil\u001b[2J\u202E\u009B\nok: forged");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://rawecho.test/peer"));
        names.AddEmailAddress("a\u001b]0;title\u0007@b.test");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(SetDirectory.Now.AddDays(-2), SetDirectory.Now.AddDays(-1));
        File.WriteAllText(directory["evil.pem"], certificate.ExportCertificatePem());
        Run run = await Tool.RunAsync("show", directory["evil.pem"]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain(run.Output, c => (char.IsControl(c) && c is not '\n' and not '\r') || c == '\u202E');
        Assert.DoesNotContain("\nok: forged", run.Output, StringComparison.Ordinal);
        Assert.Contains("URI spiffe://rawecho.test/peer", run.Output, StringComparison.Ordinal);
        Assert.Contains("EXPIRED", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_does_not_hide_the_rest()
    {
        using var directory = new SetDirectory();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=odd", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x03, 0x82, 0x01, 0xFF], critical: false));
        request.CertificateExtensions.Add(new X509Extension("2.5.29.37", [0x30, 0x05, 0x01], critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(SetDirectory.Now, SetDirectory.Now.AddDays(1));
        File.WriteAllText(directory["odd.pem"], certificate.ExportCertificatePem());
        Run run = await Tool.RunAsync("show", directory["odd.pem"]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.Equal(2, Count(run.Output, "cannot be read"));
        Assert.Contains(certificate.Thumbprint, run.Output, StringComparison.Ordinal);

        Run check = await Tool.RunAsync("check", "--ca", directory["odd.pem"], "--cert", directory["odd.pem"]);
        Assert.Equal((ExitCode.CheckFailed, ""), (check.ExitCode, check.Error));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
