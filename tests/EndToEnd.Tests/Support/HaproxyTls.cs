using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A server behind HAProxy that ends TLS, as deploy/haproxy/tls.cfg has it: the first of its three, the others are down. Between the two
/// there is a CA of its own.
/// </summary>
internal sealed class HaproxyTls : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestPki _hop = new("CN=Hop CA");
    private readonly Certificates _certificates;
    private readonly string[] _ports = FreePorts.Take(5);
    private ProgramProcess? _server, _haproxy;

    private HaproxyTls(Certificates certificates) => _certificates = certificates;

    /// <summary>What makes HAProxy's word the client's name.</summary>
    public static string[] TrustIt => ["--proxy-identity", "--allow", "cn:haproxy"];

    /// <summary>Where clients connect.</summary>
    public string Address => $"localhost:{_ports[0]}";

    /// <summary>Where HAProxy connects.</summary>
    public int ServerPort => int.Parse(_ports[1], System.Globalization.CultureInfo.InvariantCulture);

    public ProgramProcess Server => _server!;

    /// <summary>Starts both.</summary>
    /// <param name="certificates">Of the clients, and of HAProxy where clients see it.</param>
    /// <param name="server">More options of the server.</param>
    /// <param name="listen">What it serves: --listen or --http.</param>
    /// <param name="edit">Changes HAProxy's configuration: a text, and what takes its place.</param>
    public static async Task<HaproxyTls> StartAsync(
        Certificates certificates, string[] server, string listen = "--listen", params (string Text, string Instead)[] edit)
    {
        Assert.SkipWhen(Programs.OnPath("haproxy") is null, "There is no haproxy on this machine.");
        Requires.Linux("all of 127.0.0.0/8 is loopback there alone");
        var both = new HaproxyTls(certificates);
        try
        {
            await both.StartServerAsync([listen, $"127.0.0.1:{both.ServerPort}", .. server]);
            await both.StartHaproxyAsync(edit);
            return both;
        }
        catch
        {
            await both.DisposeAsync();
            throw;
        }
    }

    /// <summary>A certificate of the CA between HAProxy and the server.</summary>
    public PemFiles WriteOfHop(string name)
    {
        (string certificate, string key) = _hop.WritePem(_folder, name, new Leaf { Subject = $"CN={name}", DnsNames = ["echo.internal"] });
        return new PemFiles(certificate, key);
    }

    /// <summary>Runs a client that shows the good certificate, unless others are given, and waits for what the server says of it.</summary>
    public async Task<string> ConnectAsync(string said, params string[] client)
    {
        string[] own = client.Length > 0 ? client : _certificates.ClientOptions;
        await LoadRun.RunAsync(["--server", Address, "--clients", "1", "--messages", "1", "--source", "127.0.0.9", .. own]);
        return await Server.WaitForLineAsync(said);
    }

    public async ValueTask DisposeAsync()
    {
        if (_haproxy is not null) await _haproxy.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        _hop.Dispose();
        _folder.Dispose();
    }

    private async Task StartServerAsync(string[] more)
    {
        string[] own = Certificates.Options(_folder.Write("hop-ca.pem", _hop.CaPem), WriteOfHop("server"));
        _server = new ProgramProcess(
            Programs.Server,
            ["--admin", $"127.0.0.1:{_ports[2]}", .. own, "--proxy-protocol", "required", "--proxy-from", "127.0.0.1", .. more]);
        await _server.WaitForLineAsync("Server started");
    }

    private async Task StartHaproxyAsync((string Text, string Instead)[] edit)
    {
        WriteTogether("front.pem", _certificates.Server);
        WriteTogether("hop.pem", WriteOfHop("haproxy"));
        _folder.Write("clients-ca.pem", await File.ReadAllTextAsync(_certificates.Ca));
        string configuration = await File.ReadAllTextAsync(Programs.InRepository("deploy/haproxy/tls.cfg"));
        foreach ((string text, string instead) in edit)
        {
            Assert.Contains(text, configuration, StringComparison.Ordinal);
            configuration = configuration.Replace(text, instead, StringComparison.Ordinal);
        }

        var environment = new Dictionary<string, string>
        {
            ["RAWECHO_TLS"] = _folder.Path,
            ["RAWECHO_BIND"] = $"127.0.0.1:{_ports[0]}",
            ["RAWECHO_A"] = $"127.0.0.1:{_ports[1]}",
            ["RAWECHO_A_ADMIN"] = _ports[2],
            ["RAWECHO_B"] = $"127.0.0.1:{_ports[3]}",
            ["RAWECHO_C"] = $"127.0.0.1:{_ports[4]}",
            ["RAWECHO_B_ADMIN"] = _ports[3],
            ["RAWECHO_C_ADMIN"] = _ports[4],
        };
        _haproxy = new ProgramProcess(
            Programs.OnPath("haproxy")!, ["-db", "-f", _folder.Write("haproxy.cfg", configuration)], environment);
        // Its checks find out that two of the three servers are not there.
        await _haproxy.WaitForLineAsync("rawecho/b is DOWN");
        await _haproxy.WaitForLineAsync("rawecho/c is DOWN");
    }

    private void WriteTogether(string name, PemFiles files) =>
        _folder.Write(name, File.ReadAllText(files.Certificate) + "\n" + File.ReadAllText(files.Key));
}
