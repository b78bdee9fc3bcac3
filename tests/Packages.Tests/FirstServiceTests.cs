using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The first service of the library's README, built and run by somebody who has the package and not the repository.</summary>
public sealed partial class FirstServiceTests(PackageFeed feed)
{
    [Fact]
    public async Task The_first_service_of_the_README_echoes_over_mutual_TLS()
    {
        PackagePage page = PackagePage.Read("Engine/Core");
        using var user = new PackageUser(feed);
        TempFolder folder = user.Folder;
        string program = await user.BuildAsync("first-service", "Microsoft.NET.Sdk", PackageFeed.Engine, page.Code!);
        await user.InstallAsync(page.Tool);
        await user.RunAsync(page.Commands[0]);
        await using var service = new ProgramProcess(program, ["127.0.0.1:0"], folder: folder.Path);
        Match listening = Listening().Match(await service.WaitForLineAsync("Listening on"));
        IPEndPoint address = IPEndPoint.Parse(listening.Groups["address"].Value);

        using X509Certificate2 own = X509CertificateLoader.LoadPkcs12FromFile(folder[Path.Combine("pki", "client.pfx")], null);
        Assert.Equal("hello", await EchoAsync(address, folder[Path.Combine("pki", "ca.pem")], [own]));
        Assert.Null(await EchoAsync(address, folder[Path.Combine("pki", "ca.pem")], []));

        await Requires.OpenSslAsync();
        string command = page.Commands[1].Replace("127.0.0.1:7600", address.ToString(), StringComparison.Ordinal);
        await using (ProgramProcess openssl = user.Start(command))
        {
            await openssl.TypeAsync("hello");
            await openssl.WaitForLineAsync(l => l == "hello", "what it had been told");
        }

        await service.TypeAsync(string.Empty);
        ProgramResult result = await service.ExitAsync();
        Assert.True(result.ExitCode == 0, service.ToString());
    }

    /// <summary>Sends a line and reads one; null when the server ends the connection instead.</summary>
    private static async Task<string?> EchoAsync(IPEndPoint server, string ca, X509Certificate2Collection own)
    {
        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(ca);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(root);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server).WithinLimit();
        await using var tls = new SslStream(socket.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = own,
            CertificateChainPolicy = trust,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options).WithinLimit();
            await tls.WriteAsync("hello\n"u8.ToArray()).WithinLimit();
            using var reader = new StreamReader(tls);
            return await reader.ReadLineAsync().WithinLimit();
        }
        catch (IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^Listening on (?<address>[\d.]+:\d+)\.")]
    private static partial Regex Listening();
}
