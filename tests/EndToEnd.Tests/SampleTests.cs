using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The samples, as the guide says to start them, with clients of other makers.</summary>
public sealed class SampleTests(Certificates certificates) : IClassFixture<Certificates>, IDisposable
{
    // Speaks to the store: a length of four bytes before each message.
    private const string StoreClient = """
        import socket, ssl, struct, sys
        port, folder, requests = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
        context = ssl.create_default_context(cafile=folder + "/ca.pem")
        context.load_cert_chain(folder + "/client.pem", folder + "/client-key.pem")
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname="localhost") as s:
            stream = s.makefile("rwb")
            # All requests at once: pipelined.
            for r in requests:
                b = r.encode("latin-1").decode("unicode_escape").encode("latin-1")
                stream.write(struct.pack(">I", len(b)) + b)
            stream.flush()
            for r in requests:
                length, = struct.unpack(">I", stream.read(4))
                print(stream.read(length).decode("latin-1"))
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Chat_gives_the_lines_of_each_to_all_others()
    {
        await Requires.OpenSslAsync();
        (ProgramProcess chat, int port) = await StartAsync("Chat");
        await using ProgramProcess running = chat;
        await using ProgramProcess anna = SClient(port);
        await using ProgramProcess bert = SClient(port);
        // Whoever comes second is announced to the first; which one that is, openssl decides.
        Task<string> toAnna = anna.WaitForLineAsync("* cn:test client came"), toBert = bert.WaitForLineAsync("* cn:test client came");
        bool annaFirst = await Task.WhenAny(toAnna, toBert) == toAnna;
        (ProgramProcess first, ProgramProcess second) = annaFirst ? (anna, bert) : (bert, anna);
        await second.TypeAsync("hello from the second");
        await first.WaitForLineAsync("cn:test client: hello from the second");
        await first.TypeAsync("and from the first");
        await second.WaitForLineAsync("cn:test client: and from the first");
        chat.Signal(PosixSignal.SIGTERM);
        (await chat.ExitAsync()).EndedWith(0);
    }

    [Fact]
    public async Task A_store_knows_after_a_kill_what_it_has_answered()
    {
        Assert.SkipWhen(Programs.Python is null, "There is no python3 on this machine.");
        string log = _folder["store.log"];
        (ProgramProcess store, int port) = await StartAsync("KeyValue", log);
        await using (store)
        {
            Assert.Equal(
                ["+", "+", "+42", "+", "-No such key.", "-No such request."],
                await AskAsync(port, "P\\x01a42", "P\\x03keyvalue", "Ga", "Da", "Ga", "X"));
            store.Signal(PosixSignal.SIGTERM);
            (await store.ExitAsync()).EndedWith(0);
        }

        // A change that was cut off in the middle.
        await File.AppendAllBytesAsync(log, [9, 0, 0, 0, (byte)'P', 1]);
        (ProgramProcess again, port) = await StartAsync("KeyValue", log);
        await using (again)
        {
            await again.WaitForLineAsync(", 1 keys");
            Assert.Equal(["+value", "-No such key."], await AskAsync(port, "Gkey", "Ga"));
        }
    }

    [Fact]
    public async Task An_echo_with_its_own_rule_lets_in_whom_it_says()
    {
        PemFiles member = certificates.Write("member", new Leaf { Subject = "CN=member", Uris = ["spiffe://example.org/team/a"] });
        (ProgramProcess echo, int port) = await StartAsync("RuledEcho", "spiffe://example.org/team/");
        await using ProgramProcess running = echo;
        string[] one = ["--server", $"127.0.0.1:{port}", "--clients", "1", "--messages", "10", "--quiet"];
        await using var good = new ProgramProcess(Programs.Client, [.. one, .. Certificates.Options(certificates.Ca, member)]);
        (await good.ExitAsync()).EndedWith(Exit.Success);
        await using var refused = new ProgramProcess(Programs.Client, [.. one, .. certificates.ClientOptions]);
        Assert.NotEqual(Exit.Success, (await refused.ExitAsync()).ExitCode);
        await echo.WaitForLineAsync("PeerCertificateRefused: It has no URI below spiffe://example.org/team/.");
    }

    [Fact]
    public async Task A_web_application_gives_the_same_answers_on_the_engine_and_on_stock_Kestrel()
    {
        string onEngine = await AskWebAsync("engine");
        Assert.StartsWith("Hello World\n{\"http\":\"HTTP/2\",\"protocol\":\"Tls13\"", onEngine, StringComparison.Ordinal);
        Assert.EndsWith("\nHello test client\nechoed", onEngine, StringComparison.Ordinal);
        Assert.Equal(onEngine, await AskWebAsync("stock"));
    }

    private async Task<string> AskWebAsync(string transport)
    {
        (ProgramProcess web, int port) = await StartAsync("Web", transport);
        await using ProgramProcess running = web;
        using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificates.Client.Certificate, certificates.Client.Key);
        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(certificates.Ca);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(root);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { ClientCertificates = [own], CertificateChainPolicy = trust };
        using var client = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://localhost:{port}"),
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeLimit.Default,
        };
        List<string> answers = [];
        foreach (string path in new[] { "/", "/connection", "/private" }) answers.Add(await client.GetStringAsync(path));
        using HttpResponseMessage echo = await client.PostAsync("/echo", new StringContent("echoed"));
        answers.Add(await echo.Content.ReadAsStringAsync());
        web.Signal(PosixSignal.SIGTERM);
        (await web.ExitAsync()).EndedWith(0);
        return string.Join('\n', answers);
    }

    private static ProgramProcess Dotnet(string sample, params string[] arguments)
    {
        string name = $"rawecho-sample-{sample.ToLowerInvariant()}";
        return new ProgramProcess(
            "dotnet", [Programs.InRepository($"Engine/samples/{sample}/bin/Release/net10.0/{name}.dll"), .. arguments]);
    }

    private async Task<(ProgramProcess Process, int Port)> StartAsync(string sample, params string[] more)
    {
        ProgramProcess process = Dotnet(sample, ["127.0.0.1:0", Folder(), .. more]);
        string line = await process.WaitForLineAsync("Listening on 127.0.0.1:");
        return (process, int.Parse(line.Split(',')[0].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private ProgramProcess SClient(int port) => new(
        Programs.OpenSsl!,
        [
            "s_client", "-quiet", "-connect", $"127.0.0.1:{port}",
            "-CAfile", certificates.Ca, "-cert", certificates.Client.Certificate, "-key", certificates.Client.Key,
        ]);

    private async Task<string[]> AskAsync(int port, params string[] requests)
    {
        await using var python = new ProgramProcess(Programs.Python!, ["-c", StoreClient, $"{port}", Folder(), .. requests]);
        return [.. (await python.ExitAsync()).EndedWith(0).Output];
    }

    private string Folder() => Path.GetDirectoryName(certificates.Ca)!;
}
