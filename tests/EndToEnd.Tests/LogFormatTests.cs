using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The log of the server: events with date and zone, or a JSON object for every line.</summary>
public sealed partial class LogFormatTests(Certificates certificates)
{
    [Fact]
    public async Task An_event_has_date_time_and_zone()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult report = await server.StopAsync();
        string stopping = Assert.Single(report.Output, l => l.Contains("Stopping (SIGTERM)", StringComparison.Ordinal));
        Match time = EventTime().Match(stopping);
        Assert.True(time.Success, stopping);
        DateTimeOffset when = DateTimeOffset.Parse(time.Groups["time"].Value, CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.Now - when, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
        Assert.Equal(DateTimeOffset.Now.Offset, when.Offset);
    }

    [Fact]
    public async Task As_JSON_every_line_is_an_object_that_names_its_event()
    {
        string[] options = ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--log-format", "json", "--verbose"];
        await using var server = new ProgramProcess(Programs.Server, options);
        string listening = await server.WaitForLineAsync("\"listening\"");
        string address = JsonDocument.Parse(listening).RootElement.GetProperty("address").GetString()!;
        await server.WaitForLineAsync("\"started\"");
        (await LoadRun.RunAsync(address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        string[] anonymous = ["probe", address, "--tls", "server", "--ca", certificates.Ca];
        await using (var probe = new ProgramProcess(Programs.Client, anonymous))
            Assert.NotEqual(Exit.Success, (await probe.ExitAsync()).ExitCode);
        await server.WaitForLineAsync("\"refused\"");
        server.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        ProgramResult report = (await server.ExitAsync()).EndedWith(Exit.Success);

        JsonElement[] events = [.. report.Output.Select(l => JsonDocument.Parse(l).RootElement)];
        foreach (JsonElement one in events)
        {
            Assert.Equal(["time", "event", "message"], one.EnumerateObject().Take(3).Select(p => p.Name));
            Assert.True(DateTimeOffset.TryParse(one.GetProperty("time").GetString(), CultureInfo.InvariantCulture, out _));
        }

        JsonElement[] Named(string name) => [.. events.Where(e => e.GetProperty("event").GetString() == name)];
        Assert.Equal("CN=test client", Named("accepted")[0].GetProperty("subject").GetString());
        Assert.Equal(2, Named("closed").Count(e => e.GetProperty("reason").GetString() == "PeerClosed"));
        Assert.Equal("PeerCertificateRefused", Named("refused")[0].GetProperty("reason").GetString());
        Assert.Equal("SIGTERM", Assert.Single(Named("stopping")).GetProperty("why").GetString());
        JsonElement stopped = Assert.Single(Named("stopped"));
        Assert.Equal(2, stopped.GetProperty("endings").GetProperty("PeerClosed").GetInt64());
        Assert.Equal(stopped.GetProperty("bytesReceived").GetInt64(), stopped.GetProperty("bytesSent").GetInt64());
    }

    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d) Stopping ")]
    private static partial Regex EventTime();
}
