using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RawEcho.CommandLine;

namespace RawEcho.Certs.UnitTests;

/// <summary>show and check for programs: JSON alone on standard output, and the exit codes of the text.</summary>
public sealed class JsonTests
{
    [Fact]
    public async Task Show_has_what_stands_in_certificates_lists_and_files_that_cannot_be_read()
    {
        using SetDirectory set = SetDirectory.WithSet();
        File.WriteAllText(set["garbage.pem"], "hello");
        Run revoked = await Tool.RunAsync("revoke", "--dir", set.Path, "--cert", set["client.pem"], "--reason", "keyCompromise");
        Assert.Equal((ExitCode.Success, ""), (revoked.ExitCode, revoked.Error));
        string[] files = [set["server.pfx"], set["ca-key.pem"], set["garbage.pem"], set["missing"], set["crl.pem"]];
        Run run = await Tool.RunAsync(["show", "--json", .. files]);

        Assert.Equal((ExitCode.Certificate, ""), (run.ExitCode, run.Error));
        using JsonDocument all = JsonDocument.Parse(run.Output);
        JsonElement[] items = [.. all.RootElement.EnumerateArray()];
        Assert.Equal(files, items.Select(i => i.GetProperty("file").GetString()));
        string[] kinds = ["certificate", "privateKey", "unreadable", "unreadable", "revocationList"];
        Assert.Equal(kinds, items.Select(i => i.GetProperty("kind").GetString()));
        using X509Certificate2 server = X509CertificateLoader.LoadCertificateFromFile(set["server.pem"]);
        JsonElement shown = items[0].GetProperty("certificate");
        Assert.Equal(server.Subject, shown.GetProperty("subject").GetString());
        Assert.Equal(server.SerialNumber, shown.GetProperty("serial").GetString());
        Assert.Equal(server.GetCertHashString(HashAlgorithmName.SHA256), shown.GetProperty("sha256").GetString());
        Assert.Equal(
            ["dns localhost", "ip 127.0.0.1"],
            shown.GetProperty("names").EnumerateArray().Take(2).Select(n => $"{n.GetProperty("type")} {n.GetProperty("value")}"));
        Assert.Equal("TLS server", Assert.Single(shown.GetProperty("purposes").EnumerateArray()).GetString());
        Assert.Equal("valid", shown.GetProperty("state").GetString());
        Assert.Equal(server.NotAfter.ToUniversalTime(), shown.GetProperty("notAfter").GetDateTime());
        Assert.True(shown.GetProperty("hasPrivateKey").GetBoolean());
        Assert.False(shown.GetProperty("isCa").GetBoolean());
        Assert.Contains("holds no certificate", items[2].GetProperty("error").GetString()!, StringComparison.Ordinal);
        Assert.Contains(set["missing"], items[3].GetProperty("error").GetString()!, StringComparison.Ordinal);
        JsonElement entry = Assert.Single(items[4].GetProperty("revocationList").GetProperty("revoked").EnumerateArray());
        Assert.Equal("keyCompromise", entry.GetProperty("reason").GetString());

        // The text has the same code.
        Assert.Equal(ExitCode.Certificate, (await Tool.RunAsync(["show", .. files])).ExitCode);
    }

    [Fact]
    public async Task Names_are_whole_in_json_and_cannot_steer_the_terminal()
    {
        using var directory = new SetDirectory();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName("evil\u001b[2J\u202E\u009B");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x03, 0x82, 0x01, 0xFF], critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(SetDirectory.Now.AddDays(-2), SetDirectory.Now.AddDays(-1));
        File.WriteAllText(directory["evil.pem"], certificate.ExportCertificatePem());
        Run run = await Tool.RunAsync("show", "--json", directory["evil.pem"]);

        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain(run.Output, c => (char.IsControl(c) && c is not '\n' and not '\r') || c == '\u202E');
        using JsonDocument all = JsonDocument.Parse(run.Output);
        JsonElement shown = Assert.Single(all.RootElement.EnumerateArray()).GetProperty("certificate");
        Assert.Equal(certificate.Subject, shown.GetProperty("subject").GetString());
        // Unknown is not none.
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("names").ValueKind);
        Assert.Equal("expired", shown.GetProperty("state").GetString());
        Assert.True(shown.GetProperty("daysLeft").GetInt32() < 0);
    }

    [Fact]
    public async Task Check_tells_of_each_file_what_was_checked()
    {
        using SetDirectory set = SetDirectory.WithSet();
        Run good = await Tool.RunAsync("check", "--json", "--dir", set.Path);
        Assert.Equal((ExitCode.Success, ""), (good.ExitCode, good.Error));
        using JsonDocument one = JsonDocument.Parse(good.Output);
        Assert.True(one.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(JsonValueKind.Null, one.RootElement.GetProperty("error").ValueKind);
        JsonElement[] checks = [.. one.RootElement.GetProperty("checks").EnumerateArray()];
        Assert.Equal(
            ["accepted", "key", "name", "pfx", "secrecy", "validity"],
            checks.Select(c => c.GetProperty("check").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.All(checks.Where(c => c.GetProperty("check").GetString() == "validity"), c => c.GetProperty("until").GetDateTimeOffset());
        // One for each line of the text.
        string[] lines = (await Tool.RunAsync("check", "--dir", set.Path)).Output.Trim().Split('\n');
        Assert.Equal(lines.Select(l => l.Trim()), checks.Select(c => $"ok: {c.GetProperty("text").GetString()}"));

        Run bad = await Tool.RunAsync("check", "--json", "--dir", set.Path, "--days", "36500");
        Assert.Equal((ExitCode.CheckFailed, ""), (bad.ExitCode, bad.Error));
        using JsonDocument two = JsonDocument.Parse(bad.Output);
        Assert.False(two.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(3, two.RootElement.GetProperty("problems").GetInt32());

        File.WriteAllText(set["server.pem"], "hello");
        Run unreadable = await Tool.RunAsync("check", "--json", "--dir", set.Path);
        Assert.Equal((ExitCode.Certificate, ""), (unreadable.ExitCode, unreadable.Error));
        using JsonDocument three = JsonDocument.Parse(unreadable.Output);
        Assert.False(three.RootElement.GetProperty("ok").GetBoolean());
        Assert.Contains(set["server.pem"], three.RootElement.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }
}
