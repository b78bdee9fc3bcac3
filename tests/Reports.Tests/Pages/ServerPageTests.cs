using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>What the pages that rawecho-server serves show in a browser.</summary>
public sealed class ServerPageTests(Chromium browser) : IDisposable
{
    private const string Admin = "Admin pages on ", Serving = "Serving HTTP on ";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_live_page_goes_on_by_itself_and_says_when_the_server_is_gone()
    {
        Requires.Signals();
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--tls", "none"]);
        string address = (await server.WaitForLineAsync(Admin))[Admin.Length..];
        await server.WaitForLineAsync("Server started");
        await using BrowserPage page = await browser.OpenAsync(address);
        string first = await LeadAsync(page);
        await UntilAsync(page, async () => await LeadAsync(page) != first);
        const string lines = "document.querySelectorAll('path.line').length";
        await UntilAsync(page, async () => await page.EvaluateAsync<int>(lines) > 4);
        Assert.Equal(
            [
                "Rate", "Application data", "Connections by phase", "Time of handshakes", "Refused and lost, by reason", "Memory",
                "Threads", "Paused by garbage collection",
            ],
            await page.ChartTitlesAsync());

        // With the keyboard alone: whoever reads a value keeps it, and then the page goes on.
        await page.EvaluateAsync("document.querySelector('#chart-6 .plot').focus(), true");
        await page.PressAsync("ArrowRight");
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.tip') !== null"));
        string held = await LeadAsync(page);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        Assert.Equal(held, await LeadAsync(page));
        await page.PressAsync("Escape");
        await UntilAsync(page, async () => await LeadAsync(page) != held);
        Assert.True(await page.EvaluateAsync<bool>("document.activeElement?.closest('#chart-6') !== null"));

        await page.PictureAsync("live");
        await page.IsReadableAsync();
        Assert.Empty(page.Complaints);
        foreach (int width in new[] { 320, 1280 })
        {
            await page.LookAsync(new PageView { Width = width });
            Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        }

        server.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        await UntilAsync(page, async () => (await LeadAsync(page)).Contains("does not answer", StringComparison.Ordinal));
        (await server.ExitAsync()).EndedWith(0);
    }

    [Theory]
    [InlineData(false, 1280)]
    [InlineData(true, 375)]
    public async Task The_page_of_a_connection_shows_both_certificates(bool isDark, int width)
    {
        using var pki = new TestPki("CN=Page CA");
        string ca = _folder.Write("ca.pem", pki.CaPem);
        (string certificate, string key) = pki.WritePem(_folder, "server", new Leaf { Subject = "CN=page server" });
        await using var server = new ProgramProcess(
            Programs.Server, ["--http", "127.0.0.1:0", "--ca", ca, "--cert", certificate, "--key", key]);
        var address = new Uri((await server.WaitForLineAsync(Serving))[Serving.Length..]);
        string file = _folder.Write("connection.html", await FetchAsync(new Uri(address, "/connection"), pki));
        await using BrowserPage page = await browser.OpenAsync(file, new PageView { IsDark = isDark, Width = width });
        await page.PictureAsync(isDark ? "connection-dark" : "connection");
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        foreach (string part in new[] { "mutual TLS", "TLS 1.3", "CN=page client", "CN=page server", "CN=Page CA", "29 days left" })
            Assert.Contains(part, text, StringComparison.Ordinal);
        await page.IsReadableAsync();
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task A_browser_that_shows_client_pfx_sees_its_own_certificate()
    {
        Requires.Linux("elsewhere browsers have no NSS database");
        await using var server = new ProgramProcess(Programs.Server, ["--http", "localhost:0"], folder: Programs.InRepository("."));
        int port = new Uri((await server.WaitForLineAsync(Serving))[Serving.Length..]).Port;
        await server.WaitForLineAsync("Server started");
        var address = new Uri($"https://localhost:{port}/connection");
        using CertificateHome home = await CertificateHome.CreateAsync(address);
        await using var own = new Chromium(home);
        await using BrowserPage page = await own.OpenAsync(address.AbsoluteUri);
        await page.PictureAsync("connection-of-a-browser");
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        foreach (string part in new[] { "mutual TLS", "HTTP/2", "CN=client.rawecho.test", "CN=localhost" })
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
        // Not in its text alone: it is painted.
        const string client = ".headlines > div:nth-child(3) > dd";
        Assert.Equal("CN=client.rawecho.test", await page.EvaluateAsync<string>($"document.querySelector('{client}').innerText"));
        Assert.InRange(await page.ColoursAsync(client), 10, int.MaxValue);
        server.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        (await server.ExitAsync()).EndedWith(0);
    }

    private static async Task<string> FetchAsync(Uri address, TestPki pki)
    {
        using X509Certificate2 own = pki.Issue(new Leaf { Subject = "CN=page client" });
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [own],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(pki.Roots);
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return await client.GetStringAsync(address, TestContext.Current.CancellationToken).WithinLimit();
    }

    private static Task<string> LeadAsync(BrowserPage page) => page.EvaluateAsync<string>("document.querySelector('.lead').textContent");

    private static async Task UntilAsync(BrowserPage page, Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 300, $"After 30 s still not. {await LeadAsync(page)} {string.Join(" | ", page.Complaints)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }
    }
}
