using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Meters and counters that the user names, and what a program of ASP.NET Core shows of itself.</summary>
public sealed class NamedMeterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Instruments_of_every_kind_are_rows_with_their_units()
    {
        Requires.Linux("what a program runs is seen in /proc");
        (ProgramProcess process, Uri address) = await Target.StartWebAsync();
        await using ProgramProcess web = process;
        using var http = Client();
        using var enough = new CancellationTokenSource();
        Task load = LoadAsync(http, address, enough.Token);
        string file = _folder["a.csv"];
        await using ProgramProcess recorder = Tool.Start(
            "record", "-o", file, Text(web.Id), "--duration", "4s", "--interval", "500ms", "--quiet", "--max-histograms", "40",
            "--meter", "Acme.Orders", "--counter", "Acme-Bakery[loaves-baked,loaf-weight,never-written]");
        await using ProgramProcess watch = Tool.Start(
            "watch", Text(web.Id), "--duration", "4s", "--interval", "500ms", "--group", "HTTP", "--max-histograms", "40",
            "--meter", "Acme.Orders\\stock,Acme.Many", "--meter", "Acme.Nothing", "--meter", "acme.orders[nothing]",
            "--counter", "No-Such-Source");
        ProgramResult watched = (await watch.ExitAsync()).EndedWith(0);
        (await recorder.ExitAsync()).EndedWith(0);
        await enough.CancelAsync();
        await load;

        RecordingData recording = RecordingReader.Read(file);
        double Last(string name) => recording.Series(web.Id, name).Last().Value;
        // Ten rounds a second, on a machine that may be busy.
        Assert.InRange(Last("meter:Acme.Orders:orders.placed:rate ({order}/s)[region:eu]"), 1, 100);
        Assert.Equal(
            3,
            Last("meter:Acme.Orders:orders.placed:rate ({order}/s)[region:eu]")
                / Last("meter:Acme.Orders:orders.placed:rate ({order}/s)[region:us]"), 0.01);
        Assert.True(Last("meter:Acme.Orders:orders.waiting:change ({order})") > 0);
        Assert.Equal(180.5, Last("meter:Acme.Orders:oven.temperature:value (Cel)"));
        Assert.Equal(12_345_678, Last("meter:Acme.Orders:oven.free:value (By)"));
        Assert.Equal(42, Last("meter:Acme.Orders:stock:value ({loaf})"));
        Assert.True(Last("meter:Acme.Orders:flour.used:rate (kg/s)") > 0);
        Assert.True(Last("meter:Acme.Orders:orders.time:count.rate ({record}/s)") >= 100);
        Assert.InRange(Last("meter:Acme.Orders:orders.time:p50 (s)"), 0.49, 0.52);
        Assert.InRange(Last("meter:Acme.Orders:orders.time:p95 (s)"), 0.93, 0.97);
        Assert.InRange(Last("meter:Acme.Orders:orders.time:p99 (s)"), 0.97, 1.01);
        Assert.InRange(Last("counter:Acme-Bakery:loaves-baked:rate (loaves/s)"), 2, 200);
        Assert.Equal(750, Last("counter:Acme-Bakery:loaf-weight:mean (g)"));
        // An instrument without a value is absent, and not zero.
        Assert.DoesNotContain(recording.Samples, s => s.Values.Keys.Any(k => k.Contains("orders.lost", StringComparison.Ordinal)));
        Assert.DoesNotContain(recording.Samples, s => s.Values.Keys.Any(k => k.Contains("never-written", StringComparison.Ordinal)));

        // The program shows its requests without being asked, and no more of its meters than was asked for.
        Assert.True(recording.Series(web.Id, MetricCatalog.Requests.Name).Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, MetricCatalog.RequestErrors.Name).Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, $"{MetricCatalog.RequestP99.Name}[GET /broken 503 1.1]").Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, MetricCatalog.KestrelHandshakes.Name).Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, MetricCatalog.KestrelClosed.Name).Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, MetricCatalog.Lookups.Name).Max(v => v.Value) > 0);
        Assert.True(recording.Series(web.Id, $"{MetricCatalog.LookupP50.Name}[localhost]").Max(v => v.Value) > 0);

        Assert.Equal("42", watched.Row("stock")[0]);
        Assert.True(watched.HasRow("requests"));
        Assert.False(watched.HasRow("oven.free"));
        watched.WithOutput("No such meter was seen: Acme.Nothing.").WithOutput("No such instrument was seen: acme.orders[nothing].");
        watched.WithOutput("No counter of No-Such-Source was seen.");
        // A table has ten sets of tags of a row, and a foreign name does not steer the terminal.
        watched.WithOutput("events?)0,title?: 5 more in a recording");
        Assert.DoesNotContain(string.Concat(watched.Output), char.IsControl);

        // A counter to which nothing is written is there all the same.
        Assert.DoesNotContain(recording.Events, e => e.Text.Contains("never-written", StringComparison.Ordinal));

        // The page has a chart for each of them.
        (await Tool.RunAsync("report", file, "-o", _folder["a.html"])).EndedWith(0);
        string page = await File.ReadAllTextAsync(_folder["a.html"]);
        string[] charts = ["orders.placed (Acme.Orders)", "orders.time p99 (Acme.Orders)", "loaf-weight (Acme-Bakery)", "Request duration"];
        Assert.All(charts, c => Assert.Contains(c, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_round_waits_until_it_is_known_what_there_is_and_a_bound_is_told()
    {
        Requires.Linux("what a program runs is seen in /proc");
        (ProgramProcess process, _) = await Target.StartWebAsync();
        await using ProgramProcess web = process;
        string[] watch = ["watch", "--once", Text(web.Id), "--meter", "Acme.Orders", "--meter", "Acme.Nothing"];
        Task<ProgramResult> json = Tool.RunAsync([.. watch, "--json"]);
        ProgramResult once = (await Tool.RunAsync([.. watch, "--group", "meters"])).EndedWith(0);
        once.WithOutput("No such meter was seen: Acme.Nothing.");
        Assert.Equal("180.5 Cel", once.Row("oven.temperature")[0]);
        string sample = (await json).EndedWith(0).Output.Single(l => l.Contains("\"sample\"", StringComparison.Ordinal));
        using JsonDocument line = JsonDocument.Parse(sample);
        Assert.Equal(42, line.RootElement.GetProperty("values").GetProperty("meter:Acme.Orders:stock:value ({loaf})").GetDouble());
    }

    [Fact]
    public async Task More_histograms_than_allowed_are_told_and_sums_over_them_are_absent()
    {
        Requires.Linux("what a program runs is seen in /proc");
        (ProgramProcess process, Uri address) = await Target.StartWebAsync();
        await using ProgramProcess web = process;
        using var http = Client();
        using var enough = new CancellationTokenSource();
        Task load = LoadAsync(http, address, enough.Token);
        ProgramResult result = await Tool.RunAsync(
            "watch", Text(web.Id), "--duration", "5s", "--interval", "500ms", "--group", "HTTP,Kestrel", "--max-histograms", "1",
            "--meter", "Acme.Orders[orders.time]");
        await enough.CancelAsync();
        await load;
        result.EndedWith(0).WithOutput("As many series of histograms as the session allows, or more (--max-histograms)");
        string[] rounds = [.. result.Output.TakeWhile(l => !l.StartsWith("Averages", StringComparison.Ordinal))];
        int told = Array.FindIndex(rounds, l => l.Contains("--max-histograms", StringComparison.Ordinal));
        Assert.DoesNotContain(rounds.Skip(told), l => l.Contains("  connections closed  ", StringComparison.Ordinal));
        // These a counter knows too.
        Assert.True(result.HasRow("requests"));
        Assert.NotEqual("0 /s", result.Row("requests answered with 5xx")[0]);
    }

    [Fact]
    public async Task The_servers_HTTP_is_shown_as_that_of_any_web_program()
    {
        await using var server = new ProgramProcess(
            Programs.Server, ["--http", "127.0.0.1:0", "--tls", "none"], new Dictionary<string, string>());
        var address = new Uri((await server.WaitForLineAsync("Serving HTTP on "))["Serving HTTP on ".Length..]);
        await server.WaitForLineAsync("Server started");
        using var http = new HttpClient();
        string file = _folder["h.csv"];
        await using ProgramProcess recorder = Tool.Start(
            "record", "-o", file, Text(server.Id), "--duration", "5s", "--interval", "500ms", "--quiet");
        var clock = Stopwatch.StartNew();
        long done = 0;
        while (!recorder.HasExited)
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(address).WithinLimit()).StatusCode);
            done++;
            await Task.Delay(10);
        }

        double perSecond = done / clock.Elapsed.TotalSeconds;
        (await recorder.ExitAsync()).EndedWith(0);
        RecordingData recording = RecordingReader.Read(file);
        double[] rates = [.. recording.Series(server.Id, MetricCatalog.Requests.Name).Select(v => v.Value)];
        Assert.InRange(rates.Average(), perSecond * 0.7, perSecond * 1.4);
        Assert.True(recording.Series(server.Id, $"{MetricCatalog.RequestP50.Name}[GET 200 1.1]").Max(v => v.Value) > 0);
        Assert.DoesNotContain(recording.Series(server.Id, MetricCatalog.RequestErrors.Name), v => v.Value > 0);
    }

    [Fact]
    public async Task A_meter_of_a_program_that_could_freeze_is_not_listened_to_and_that_is_told()
    {
        Requires.Linux("what a program runs is seen in /proc");
        await using ProgramProcess work = await Target.StartWorkAsync();
        ProgramResult result = await Tool.RunAsync(
            "watch", Text(work.Id), "--once", "--meter", "Acme.Orders", "--counter", "System.Runtime\\threadpool-thread-count");
        result.EndedWith(0).WithOutput("Its meters are not listened to (Acme.Orders)", "can freeze when they end");
        // Counters can be listened to.
        Assert.True(result.HasRow("threadpool-thread-count"));
        Assert.DoesNotContain(result.Output, l => l.Contains("No such meter", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost" },
    });

    private static async Task LoadAsync(HttpClient http, Uri address, CancellationToken enough)
    {
        try
        {
            while (!enough.IsCancellationRequested)
            {
                foreach (string path in new[] { "/", "/broken", "/lookup" })
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
                    request.Headers.ConnectionClose = true;
                    using HttpResponseMessage response = await http.SendAsync(request, enough);
                }

                await Task.Delay(20, enough);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
