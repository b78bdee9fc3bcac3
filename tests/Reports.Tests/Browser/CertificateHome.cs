using System.Text.Json;
using System.Text.RegularExpressions;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Reports.Tests.Browser;

/// <summary>
/// A home folder in which a browser finds the development CA and client.pfx, put there by the commands that docs/http.md prints.
/// </summary>
internal sealed partial class CertificateHome : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Uri _site;

    private CertificateHome(Uri site) => _site = site;

    public string Path => _folder.Path;

    /// <summary>Makes one, or skips the test where the tools of NSS are missing.</summary>
    /// <param name="site">Gets the certificate without a question.</param>
    public static async Task<CertificateHome> CreateAsync(Uri site)
    {
        foreach (string tool in new[] { "certutil", "pk12util" })
            Assert.SkipWhen(Programs.Bash is null || Programs.OnPath(tool) is null, $"There is no {tool} here (package libnss3-tools).");
        var home = new CertificateHome(site);
        string document = await File.ReadAllTextAsync(Programs.InRepository("docs/http.md"), TestContext.Current.CancellationToken);
        MatchCollection commands = Commands().Matches(document);
        Assert.Equal(3, commands.Count);
        var environment = new Dictionary<string, string> { ["HOME"] = home.Path };
        foreach (Match command in commands)
        {
            await using var shell = new ProgramProcess(
                Programs.Bash!, ["-c", command.Groups[1].Value], environment, Programs.InRepository("."));
            (await shell.ExitAsync()).EndedWith(0);
        }

        return home;
    }

    /// <summary>
    /// Lets the browser choose a certificate by itself, as its policy AutoSelectCertificateForUrls would: among its exceptions for sites a
    /// profile may have the same (content_settings).
    /// </summary>
    /// <param name="profile">The profile that it starts with, still empty.</param>
    public void Prepare(TempFolder profile)
    {
        var choice = new Dictionary<string, object>
        {
            [$"{_site.GetLeftPart(UriPartial.Authority)},*"] = new { setting = new { filters = new[] { new { } } } },
        };
        var preferences = new
        {
            profile = new { content_settings = new { exceptions = new { auto_select_certificate = choice } } },
        };
        Directory.CreateDirectory(profile["Default"]);
        profile.Write("Default/Preferences", JsonSerializer.Serialize(preferences));
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"^\$ (.*\.pki/nssdb.*)$", RegexOptions.Multiline)]
    private static partial Regex Commands();
}
