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
        using var folder = new TempFolder();
        Task certificates = CreateCertificatesAsync(folder["pki"]);
        await BuildAsync(folder);
        await certificates;
        string program = folder[Path.Combine("bin", OperatingSystem.IsWindows() ? "first-service.exe" : "first-service")];
        await using var service = new ProgramProcess(program, ["127.0.0.1:0"], folder: folder.Path);
        Match listening = Listening().Match(await service.WaitForLineAsync("Listening on"));
        IPEndPoint address = IPEndPoint.Parse(listening.Groups["address"].Value);

        using X509Certificate2 own = X509CertificateLoader.LoadPkcs12FromFile(folder[Path.Combine("pki", "client.pfx")], null);
        Assert.Equal("hello", await EchoAsync(address, folder[Path.Combine("pki", "ca.pem")], [own]));
        Assert.Null(await EchoAsync(address, folder[Path.Combine("pki", "ca.pem")], []));

        await service.TypeAsync(string.Empty);
        ProgramResult result = await service.ExitAsync();
        Assert.True(result.ExitCode == 0, service.ToString());
    }

    // The package sources are those of the machine and the folder, and the packages come to lie beside the project: this machine's store of
    // packages neither lends a RawEcho.Engine of another day nor keeps this one.
    private async Task BuildAsync(TempFolder folder)
    {
        string readme = await File.ReadAllTextAsync(Repository.File("Engine/Core/README.md"), TestContext.Current.CancellationToken);
        folder.Write("Program.cs", Assert.Single(CodeBlock().Matches(readme.ReplaceLineEndings("\n"))).Groups["code"].Value);
        folder.Write("first-service.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="RawEcho.Engine" Version="[{Repository.Version}]" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <add key="packed-by-this-test" value="{feed.Folder}" />
              </packageSources>
            </configuration>
            """);
        await feed.ReadyAsync();
        await DotNet.RunAsync(folder.Path, "build", "--output", "bin", "--verbosity", "quiet");
    }

    private async Task CreateCertificatesAsync(string folder)
    {
        await using var certs = new ProgramProcess(await feed.InstallAsync("rawecho-certs"), ["create", "--dir", folder]);
        ProgramResult result = await certs.ExitAsync();
        Assert.True(result.ExitCode == 0, certs.ToString());
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

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^Listening on (?<address>[\d.]+:\d+)\.")]
    private static partial Regex Listening();
}
