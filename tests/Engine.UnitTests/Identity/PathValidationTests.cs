using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

public sealed class PathValidationTests
{
    private static readonly Dictionary<string, Func<PathCase>> All =
        new(PathCases.All.Concat(PathChoiceCases.All).Concat(PathFormCases.All));

    public static TheoryData<string> Names => [.. All.Keys];

    public static TheoryData<string> Shared => [.. All.Where(c => c.Value().OpenSsl is not null).Select(c => c.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_verdict_is_as_the_table_says(string name)
    {
        PathCase c = All[name]();
        PeerVerdict verdict = c.Verify();
        Assert.True(verdict.Fault == c.Expected, $"{name}: {verdict.Fault} instead of {c.Expected}: {verdict.Explanation}");
        Assert.Equal(verdict.Accepted, verdict.Peer is not null);
        if (!verdict.Accepted) Assert.EndsWith(".", verdict.Explanation, StringComparison.Ordinal);
        if (c.Says is { } words) Assert.Contains(words, verdict.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Openssl_is_of_the_same_opinion(string name)
    {
        PathCase c = All[name]();
        using var folder = new TempFolder();
        string Write(string file, IEnumerable<X509Certificate2> certificates) =>
            folder.Write(file, string.Join('\n', certificates.Select(x => x.ExportCertificatePem())));
        List<string> arguments =
        [
            "verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-CAfile", Write("roots.pem", c.Roots),
            "-purpose", c.Role == PeerRole.Server ? "sslserver" : "sslclient",
        ];
        if (c.Sent.Length > 0) arguments.AddRange(["-untrusted", Write("sent.pem", c.Sent)]);
        if (c.Name is not null) arguments.AddRange([IPAddress.TryParse(c.Name, out _) ? "-verify_ip" : "-verify_hostname", c.Name]);
        arguments.Add(Write("leaf.pem", [c.Leaf]));
        (int exitCode, string said) = await OpenSslAsync(arguments);
        Assert.True(exitCode == 0 == c.OpenSsl, $"{name}: {said}");
        Assert.Equal(c.OpenSsl, c.Verify().Accepted);
    }

    private static async Task<(int ExitCode, string Said)> OpenSslAsync(IEnumerable<string> arguments)
    {
        try
        {
            using Process process =
                Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WithinLimit();
            return (process.ExitCode, await output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no openssl on this machine.");
            throw;
        }
    }
}
