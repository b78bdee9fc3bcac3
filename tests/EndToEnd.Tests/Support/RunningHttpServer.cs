using System.Net;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A rawecho-server that serves HTTP, and maybe the admin pages.</summary>
internal sealed class RunningHttpServer : IAsyncDisposable
{
    private const string Serving = "Serving HTTP on ", AdminPages = "Admin pages on ";

    private RunningHttpServer(ProgramProcess process, Uri http, Uri? admin) => (Process, Http, Admin) = (process, http, admin);

    public ProgramProcess Process { get; }

    public Uri Http { get; }

    /// <summary>Where the admin pages are; null where they were not asked for.</summary>
    public Uri? Admin { get; }

    public static async Task<RunningHttpServer> StartAsync(params string[] arguments)
    {
        var process = new ProgramProcess(Programs.Server, ["--http", "127.0.0.1:0", .. arguments]);
        try
        {
            string http = await process.WaitForLineAsync(Serving);
            await process.WaitForLineAsync("Server started");
            string? admin = process.Lines.FirstOrDefault(l => l.StartsWith(AdminPages, StringComparison.Ordinal));
            Uri? adminPages = admin is null ? null : new Uri(admin[AdminPages.Length..]);
            return new RunningHttpServer(process, new Uri(http[Serving.Length..]), adminPages);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that trusts the test CA and shows a certificate, or none.</summary>
    public HttpClient CreateClient(Certificates certificates, PemFiles? own, Version? version = null)
    {
        using X509Certificate2 ca = X509CertificateLoader.LoadCertificateFromFile(certificates.Ca);
        var handler = new SocketsHttpHandler
        {
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificate(ca.RawData) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                TargetHost = "localhost",
                ClientCertificates = own is null ? null : [X509Certificate2.CreateFromPemFile(own.Certificate, own.Key)],
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = Http,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>Stops it, and sees to it that it stops in order.</summary>
    public async Task<ProgramResult> StopAsync()
    {
        Requires.Signals();
        Process.Signal(PosixSignal.SIGTERM);
        return (await Process.ExitAsync()).EndedWith(Exit.Success);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
