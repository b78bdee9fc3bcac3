using System.Net.Security;
using System.Security.Authentication;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Tests;

/// <summary>probe of web servers, and of services that do not echo.</summary>
public sealed class ProbeTests(TestFiles files) : IClassFixture<TestFiles>
{
    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "h2", "2")]
    [InlineData(HttpProtocols.Http1, "http/1.1", "1.1")]
    public async Task A_web_server_is_asked_for_its_head(HttpProtocols protocols, string chosen, string version)
    {
        await using WebServer server = await WebServer.StartAsync(files, protocols: protocols);
        string text = await ProbeOutcome.TextAsync(ExitCode.Success, [$"{server.Url}/head", .. files.Mutual]);
        Assert.Contains($"{chosen} (offered h2, http/1.1)", text, StringComparison.Ordinal);
        Assert.Contains($"HTTP/{version} 204, the server", text, StringComparison.Ordinal);
        Assert.Contains("calls itself \"Kestrel\"", text, StringComparison.Ordinal);
        Assert.Contains("Mutual TLS works", text, StringComparison.Ordinal);
        Assert.Contains("status 204", text, StringComparison.Ordinal);
        JsonElement json = await ProbeOutcome.JsonAsync([$"{server.Url}/head", .. files.Mutual]);
        Assert.Equal("ok", json.GetProperty("outcome").GetString());
        Assert.Equal(chosen, json.GetProperty("handshake").GetProperty("applicationProtocol").GetString());
        Assert.Equal(204, json.GetProperty("http").GetProperty("status").GetInt32());
        Assert.Equal("resumed", json.GetProperty("handshake").GetProperty("resumption").GetProperty("result").GetString());
        Assert.Equal("yes", json.GetProperty("client").GetProperty("accepted").GetString());
    }

    [Fact]
    public async Task A_web_server_that_refuses_is_explained()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        JsonElement nothing = await ProbeOutcome.JsonAsync([server.Url, .. files.ServerOnly]);
        Assert.Equal("client-certificate-required", nothing.GetProperty("outcome").GetString());
        JsonElement foreign = await ProbeOutcome.JsonAsync(
            server.Url, "--ca", files.Ca, "--cert", files.Foreign, "--key", files.ForeignKey);
        Assert.Equal("client-certificate-refused", foreign.GetProperty("outcome").GetString());
        JsonElement name = await ProbeOutcome.JsonAsync([server.Url, "--server-name", "nobody.example", .. files.Mutual]);
        Assert.Equal("server-certificate-name-mismatch", name.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_status_that_may_be_a_refusal_is_a_warning()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string text = await ProbeOutcome.TextAsync(ExitCode.Success, [$"{server.Url}/forbidden", .. files.Mutual]);
        Assert.Contains("WARNING: The server answered with status 403", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_the_status_is_told()
    {
        await using WebServer server = await WebServer.StartAsync(files: null, protocols: HttpProtocols.Http1);
        string text = await ProbeOutcome.TextAsync(ExitCode.Success, $"{server.Url}/head");
        Assert.Contains("The server answers HTTP without TLS: status 204.", text, StringComparison.Ordinal);
        await using WebServer tls = await WebServer.StartAsync(files);
        JsonElement wrong = await ProbeOutcome.JsonAsync($"http://localhost:{tls.Port}/");
        Assert.Equal(ExitCode.TlsRefused, wrong.GetProperty("exitCode").GetInt32());
    }

    [Theory]
    [InlineData("SSH-2.0-x\r\n", "no-http", ExitCode.Mismatch)]
    [InlineData("HTTP/1.1 200 OK\r\nbad\r\n\r\n", "bad-response", ExitCode.Mismatch)]
    [InlineData("", "closed-at-first-message", ExitCode.TlsRefused)]
    public async Task What_is_no_web_server_is_told(string answer, string outcome, int exitCode)
    {
        await using var server = ScriptedServer.Answering(answer);
        JsonElement json = await ProbeOutcome.JsonAsync($"http://localhost:{server.Port}/");
        Assert.Equal((outcome, exitCode), (json.GetProperty("outcome").GetString(), json.GetProperty("exitCode").GetInt32()));
    }

    [Fact]
    public async Task A_web_server_that_says_nothing_is_not_waited_for_for_ever()
    {
        await using var server = new ScriptedServer(stream => stream.CopyToAsync(Stream.Null));
        JsonElement json = await ProbeOutcome.JsonAsync($"http://localhost:{server.Port}/", "--echo-timeout", "200ms");
        Assert.Equal("response-timeout", json.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "yes")]
    [InlineData(SslProtocols.Tls13, "unknown")]
    public async Task A_service_that_does_not_echo_is_sent_nothing(SslProtocols version, string accepted)
    {
        int received = 0;
        await using var server = new ScriptedServer(async stream =>
        {
            await using SslStream tls = await AuthenticateAsync(stream, version);
            received += await tls.ReadAsync(new byte[100]);
        });
        string[] arguments = [$"localhost:{server.Port}", "--no-echo", "--alpn", "one,two", .. files.Mutual];
        JsonElement json = await ProbeOutcome.JsonAsync(arguments);
        Assert.Equal("ok", json.GetProperty("outcome").GetString());
        Assert.Equal("two", json.GetProperty("handshake").GetProperty("applicationProtocol").GetString());
        Assert.Equal("silent", json.GetProperty("answer").GetProperty("result").GetString());
        Assert.Equal(accepted, json.GetProperty("client").GetProperty("accepted").GetString());
        string text = await ProbeOutcome.TextAsync(ExitCode.Success, arguments);
        Assert.Contains("two (offered one, two)", text, StringComparison.Ordinal);
        Assert.Equal(accepted == "unknown", text.Contains("was not refused within 1.00 s", StringComparison.Ordinal));
        Assert.Equal(0, received);
    }

    [Fact]
    public async Task A_service_that_speaks_first_is_quoted()
    {
        await using var server = new ScriptedServer(async stream =>
        {
            await using SslStream tls = await AuthenticateAsync(stream, SslProtocols.Tls13);
            await tls.WriteAsync("220 mail.example ESMTP\r\n"u8.ToArray());
            await tls.CopyToAsync(Stream.Null);
        });
        string text = await ProbeOutcome.TextAsync(ExitCode.Success, [$"localhost:{server.Port}", "--no-echo", .. files.Mutual]);
        Assert.Contains("the server spoke first: \"220 mail.example ESMTP\"", text, StringComparison.Ordinal);
        Assert.Contains("Mutual TLS works: each side accepted the other's certificate.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_refuses_after_the_handshake_is_explained()
    {
        await using WebServer server = await WebServer.StartAsync(files);
        JsonElement json = await ProbeOutcome.JsonAsync([$"localhost:{server.Port}", "--no-echo", .. files.ServerOnly]);
        Assert.Equal("client-certificate-required", json.GetProperty("outcome").GetString());
        JsonElement protocol = await ProbeOutcome.JsonAsync([$"localhost:{server.Port}", "--no-echo", "--alpn", "spdy/3", .. files.Mutual]);
        Assert.Equal("handshake-failed", protocol.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("https://localhost/ --no-echo --alpn h2", "--alpn and --no-echo", "URL")]
    [InlineData("http://localhost/ --starttls smtp", "--starttls", "URL")]
    [InlineData("localhost:1 --server localhost:2", "--server", "one of the two ways")]
    [InlineData("localhost:1 --starttls gopher", "--starttls takes postgres", "gopher")]
    [InlineData("localhost:1 --starttls smtp --tls none", "--starttls and --tls none")]
    [InlineData("localhost:1 --alpn h2 --tls none", "--alpn")]
    [InlineData("localhost:1 --alpn h2,,x", "--alpn takes names")]
    [InlineData("nonsense:x", "no target")]
    public async Task Options_that_make_no_sense_are_refused(string line, params string[] words) =>
        (await ClientRun.RunAsync(["probe", .. line.Split(' ')])).EndedWith(ExitCode.Usage).WithOneSentence(words);

    private async Task<SslStream> AuthenticateAsync(Stream stream, SslProtocols version)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = files.ServerCertificate,
            EnabledSslProtocols = version,
            ClientCertificateRequired = true,
            ApplicationProtocols = [new SslApplicationProtocol("two")],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return tls;
    }
}
