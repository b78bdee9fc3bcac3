using Microsoft.AspNetCore.Server.Kestrel.Core;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Tests;

/// <summary>get where something is refused, cut off or nonsense: one sentence and the exit code of its kind.</summary>
public sealed class GetFailureTests(TestFiles files) : IClassFixture<TestFiles>
{
    public static TheoryData<string, string, string[]> Refusals { get; } = new()
    {
        { "nothing shown", "server", ["probably requires a client certificate"] },
        { "a foreign certificate", "foreign", ["probably refused this client's certificate"] },
        { "another CA", "other-ca", ["The server's certificate was refused", "Test CA"] },
        { "another name", "name", ["The server's certificate was refused", "nobody.example"] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_TLS_refuses_is_explained_as_run_does(string what, string options, string[] words)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string[] arguments = options switch
        {
            "server" => files.ServerOnly,
            "foreign" => ["--ca", files.Ca, "--cert", files.Foreign, "--key", files.ForeignKey],
            "other-ca" => ["--ca", files.OtherCa, "--cert", files.Client, "--key", files.ClientKey],
            _ => [.. files.Mutual, "--server-name", "nobody.example"],
        };
        foreach (string http in new[] { "1.1", "2" })
        {
            ClientRun run = await ClientRun.RunAsync(["get", server.Url, "--http", http, .. arguments]);
            run.EndedWith(ExitCode.TlsRefused).WithOneSentence(words);
            Assert.True(run.Output.Length == 0, what);
        }
    }

    [Fact]
    public async Task The_wrong_scheme_for_a_port_is_told()
    {
        await using WebServer tls = await WebServer.StartAsync(files);
        await using WebServer plain = await WebServer.StartAsync(files: null, protocols: HttpProtocols.Http1);
        ClientRun toTls = await ClientRun.RunAsync("get", $"http://localhost:{tls.Port}/", "--quiet");
        toTls.EndedWith(ExitCode.TlsRefused).WithOneSentence("https://");
        ClientRun toPlain = await ClientRun.RunAsync(["get", $"https://localhost:{plain.Port}/", .. files.Mutual]);
        toPlain.EndedWith(ExitCode.TlsRefused).WithOneSentence("handshake failed");
    }

    [Fact]
    public async Task A_server_without_HTTP2_is_told()
    {
        await using WebServer one = await WebServer.StartAsync(files, protocols: HttpProtocols.Http1);
        await using var none = new ScriptedServer(async stream =>
        {
            await using var tls = await ScriptedServer.AuthenticateAsync(stream, files);
            await ScriptedServer.ReadHeadAsync(tls);
        });
        ClientRun refused = await ClientRun.RunAsync(["get", one.Url, "--http", "2", .. files.Mutual]);
        refused.EndedWith(ExitCode.TlsRefused).WithOneSentence("application protocols", "ALPN");
        ClientRun silent = await ClientRun.RunAsync(["get", $"https://localhost:{none.Port}/", "--http", "2", .. files.Mutual]);
        silent.EndedWith(ExitCode.TlsRefused).WithOneSentence("does not speak HTTP/2", "--http 1.1");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "4 of 100 bytes")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "4 bytes")]
    public async Task A_body_that_is_cut_off_leaves_no_half_file(string answer, string words)
    {
        await using var server = ScriptedServer.Answering(answer);
        string file = files.Folder["cut"];
        File.Delete(file);
        string[] arguments = ["get", $"http://localhost:{server.Port}/", "--quiet", "--output", file];
        (await ClientRun.RunAsync(arguments)).EndedWith(ExitCode.ConnectionLost).WithOneSentence("connection lost", words);
        Assert.False(File.Exists(file));
        await File.WriteAllTextAsync(file, "before");
        (await ClientRun.RunAsync(arguments)).EndedWith(ExitCode.ConnectionLost);
        Assert.Equal("before", await File.ReadAllTextAsync(file));
        Assert.Empty(Directory.GetFiles(files.Folder.Path, "*.part"));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "no HTTP")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0046", "speaks TLS")]
    [InlineData("HTTP/1.1 2xx OK\r\n\r\n", "bad response")]
    [InlineData("HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "bad response")]
    [InlineData("", "closed at the request")]
    public async Task What_is_no_response_is_told(string answer, string words)
    {
        await using var server = ScriptedServer.Answering(answer);
        ClientRun run = await ClientRun.RunAsync("get", $"http://localhost:{server.Port}/", "--quiet", "--output", files.Folder["none"]);
        Assert.True(run.ExitCode is ExitCode.Mismatch or ExitCode.TlsRefused, run.Errors);
        run.WithOneSentence(words);
        // A request whose fate is not known is not repeated by itself.
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_not_waited_for_for_ever()
    {
        await using var server = new ScriptedServer(stream => stream.CopyToAsync(Stream.Null));
        ClientRun run = await ClientRun.RunAsync("get", $"http://localhost:{server.Port}/", "--quiet", "--response-timeout", "200ms");
        run.EndedWith(ExitCode.ConnectionLost).WithOneSentence("--response-timeout");
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_found_out_before_the_request()
    {
        await using var server = ScriptedServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        string[] names = [Path.Combine(files.Folder.Path, "none", "file"), files.Folder.Path];
        foreach (string name in names)
        {
            ClientRun run = await ClientRun.RunAsync("get", $"http://localhost:{server.Port}/", "--quiet", "--output", name);
            run.EndedWith(ExitCode.Report).WithOneSentence("--output", "cannot be written");
        }
    }

    [Fact]
    public async Task Nobody_listens()
    {
        var server = new ScriptedServer(_ => Task.CompletedTask);
        int port = server.Port;
        await server.DisposeAsync();
        ClientRun run = await ClientRun.RunAsync("get", $"http://localhost:{port}/", "--quiet");
        run.EndedWith(ExitCode.Network).WithOneSentence("not connected");
    }

    [Theory]
    [InlineData("localhost:7443", "no URL", "https://")]
    [InlineData("ftp://localhost/", "'ftp'", "https and http")]
    [InlineData("https://", "no URL", "host")]
    [InlineData("https://host:99999/", "no URL", "port")]
    [InlineData("https://host:0/", "no URL", "port")]
    [InlineData("https://a b/", "no URL", "blank")]
    [InlineData("https://me:secret@host/", "user", "--header")]
    public async Task A_URL_that_is_none_is_one_sentence(string url, params string[] words) =>
        (await ClientRun.RunAsync("get", url)).EndedWith(ExitCode.Usage).WithOneSentence(words);

    [Theory]
    [InlineData("get http://localhost/ --tls mutual", "--tls mutual", "http://")]
    [InlineData("get https://localhost/ --tls none", "--tls none", "https://")]
    [InlineData("get http://localhost/ --http 3", "--http", "1.1 or 2")]
    [InlineData("get http://localhost/ --method G/T", "--method")]
    [InlineData("get http://localhost/ --method CONNECT", "--method")]
    [InlineData("get http://localhost/ --method HEAD --data x", "HEAD")]
    [InlineData("get http://localhost/ --header nonsense", "--header", "Accept")]
    [InlineData("get http://localhost/ --header Content-Length:5", "sets by itself")]
    [InlineData("get http://localhost/ --header Content-Type:text/plain", "tells of a body")]
    [InlineData("get http://localhost/ --data @/no/such/file", "--data", "cannot be read")]
    [InlineData("get http://localhost/ --fail-if p99>5ms", "--fail-if", "status")]
    [InlineData("get", "'get'")]
    public async Task Options_that_cannot_be_are_one_sentence(string line, params string[] words) =>
        (await ClientRun.RunAsync(line.Split(' '))).EndedWith(ExitCode.Usage).WithOneSentence(words);
}
