using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Tests;

/// <summary>get where the server does what it should: levels of TLS, versions of HTTP, requests and what is printed.</summary>
public sealed class GetTests(TestFiles files) : IClassFixture<TestFiles>
{
    public static TheoryData<SslProtocols, string> Choices { get; } = new()
    {
        { SslProtocols.Tls13, "1.1" }, { SslProtocols.Tls13, "2" }, { SslProtocols.Tls13, "" },
        { SslProtocols.Tls12, "1.1" }, { SslProtocols.Tls12, "2" },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public async Task Over_mutual_TLS_the_server_sees_the_request_as_it_should(SslProtocols tls, string http)
    {
        await using WebServer server = await WebServer.StartAsync(files, tls: tls);
        string file = files.Folder["body"];
        string[] version = http.Length == 0 ? [] : ["--http", http];
        ClientRun run = await ClientRun.RunAsync(
            ["get", $"{server.Url}/request", "--output", file, "--header", "X-Test: one", .. version, .. files.Mutual]);
        run.EndedWith(ExitCode.Success);
        Assert.Empty(run.Errors);
        string protocol = http == "1.1" ? "HTTP/1.1" : "HTTP/2";
        Assert.Equal($"{protocol} 200{(http == "1.1" ? " OK" : "")}", run.Output.Trim());
        Assert.Equal(
            $"{protocol} GET https://localhost:{server.Port} CN=test client [one]", await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("1.1", HttpProtocols.Http1)]
    [InlineData("2", HttpProtocols.Http2)]
    [InlineData("", HttpProtocols.Http1)]
    public async Task Without_TLS_it_is_the_same(string http, HttpProtocols protocols)
    {
        await using WebServer server = await WebServer.StartAsync(files: null, protocols: protocols);
        string file = files.Folder["body"];
        string[] version = http.Length == 0 ? [] : ["--http", http];
        ClientRun run = await ClientRun.RunAsync(["get", $"{server.Url}/request", "--output", file, "--quiet", .. version]);
        run.EndedWith(ExitCode.Success);
        Assert.Empty(run.Output + run.Errors);
        string protocol = http == "2" ? "HTTP/2" : "HTTP/1.1";
        Assert.Equal($"{protocol} GET http://localhost:{server.Port}  []", await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task A_body_goes_out_and_comes_back_at_the_same_time(string http)
    {
        await using WebServer server = await WebServer.StartAsync(files, mutual: false);
        // More than all buffers on the way take: a client that sends first and reads then would wait for ever.
        string sent = files.Folder.Write("sent", new string('x', 20_000_000)), file = files.Folder["back"];
        ClientRun run = await ClientRun.RunAsync(
            ["get", $"{server.Url}/echo", "--data", $"@{sent}", "--output", file, "--http", http, .. files.ServerOnly]);
        run.EndedWith(ExitCode.Success);
        Assert.Equal(await File.ReadAllBytesAsync(sent), await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task Headers_are_printed_when_they_are_asked_for_and_redirects_are_not_followed()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        ClientRun run = await ClientRun.RunAsync(
            ["get", $"{server.Url}/moved", "--include", "--http", "1.1", "--output", files.Folder["none"], .. files.Mutual]);
        run.EndedWith(ExitCode.Success);
        Assert.StartsWith("HTTP/1.1 302 Found", run.Output, StringComparison.Ordinal);
        Assert.Contains("Location: /", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/fail", "status>=400", true)]
    [InlineData("/fail", "status=503>0", true)]
    [InlineData("/", "status>=400", false)]
    [InlineData("/moved", "status!=200", true)]
    public async Task A_status_fails_the_command_only_when_that_is_asked_for(string path, string condition, bool fails)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string[] arguments = ["get", server.Url + path, "--quiet", "--output", files.Folder["body"], .. files.Mutual];
        (await ClientRun.RunAsync(arguments)).EndedWith(ExitCode.Success);
        ClientRun run = await ClientRun.RunAsync([.. arguments, "--fail-if", condition]);
        if (fails) run.EndedWith(ExitCode.ConditionMet).WithOneSentence($"--fail-if {condition}: the status is ");
        else run.EndedWith(ExitCode.Success);
    }

    [Fact]
    public async Task HEAD_has_no_body_and_another_method_is_sent_as_it_is()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string file = files.Folder["body"];
        ClientRun head = await ClientRun.RunAsync(["get", $"{server.Url}/head", "--method", "HEAD", "--output", file, .. files.Mutual]);
        head.EndedWith(ExitCode.Success);
        Assert.Empty(await File.ReadAllBytesAsync(file));
        ClientRun run = await ClientRun.RunAsync(["get", server.Url, "--method", "DELETE", "--output", file, .. files.Mutual]);
        Assert.StartsWith("HTTP/2 405", run.EndedWith(ExitCode.Success).Output, StringComparison.Ordinal);
    }
}
