using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Defaults of options from RAWECHO_ variables.</summary>
public sealed class EnvironmentDefaultTests(Certificates certificates)
{
    [Fact]
    public async Task Server_and_client_take_all_that_they_need_from_the_environment()
    {
        var ofServer = new Dictionary<string, string>
        {
            ["RAWECHO_LISTEN"] = "127.0.0.1:0",
            ["RAWECHO_CA"] = certificates.Ca,
            ["RAWECHO_CERT"] = certificates.Server.Certificate,
            ["RAWECHO_KEY"] = certificates.Server.Key,
            ["RAWECHO_QUIET"] = "yes",
        };
        await using RunningServer server = await RunningServer.OfAsync(new ProgramProcess(Programs.Server, [], ofServer));
        var ofClient = new Dictionary<string, string>
        {
            ["RAWECHO_SERVER"] = server.Address,
            ["RAWECHO_CA"] = certificates.Ca,
            ["RAWECHO_CERT"] = certificates.Client.Certificate,
            ["RAWECHO_KEY"] = certificates.Client.Key,
            ["RAWECHO_CLIENTS"] = "2",
            ["RAWECHO_DURATION"] = "1h",
            ["RAWECHO_QUIET"] = "true",
        };
        // The command line wins over what contradicts it: --messages over a duration, and the rest of the environment stays.
        ProgramResult run = await RunAsync(Programs.Client, ofClient, "--messages", "20");
        run.EndedWith(Exit.Success);
        Assert.Equal((20, 2), (run.Number("Round trips"), run.Number("Clients")));
        ofClient["RAWECHO_SERVER"] = "127.0.0.1:1";
        (await RunAsync(Programs.Client, ofClient, "run", server.Address, "--messages", "20")).EndedWith(Exit.Success);
        (await RunAsync(Programs.Client, ofClient, "probe", "--server", server.Address)).EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_variable_that_cannot_be_is_named_unless_the_option_is_given()
    {
        var bad = new Dictionary<string, string> { ["RAWECHO_CLIENTS"] = "many", ["RAWECHO_MAX_SERIES"] = "0", ["RAWECHO_DIR"] = "" };
        ProgramResult refused = await RunAsync(Programs.Client, bad, "run");
        refused.EndedWith(Exit.Usage).WithOneSentence("RAWECHO_CLIENTS: --clients takes ", "'many'", "Try 'rawecho-client run --help'");
        (await RunAsync(Programs.Client, bad, "run", "--clients", "1", "--server", "127.0.0.1:1", "--tls", "none")).EndedWith(Exit.Network);
        (await RunAsync(Programs.Client, bad, "probe", "--server", "127.0.0.1:1", "--tls", "none")).EndedWith(Exit.Network);
        ProgramResult watch = await RunAsync(Programs.Diagnostics, bad, "watch");
        watch.EndedWith(Exit.Usage).WithOneSentence("RAWECHO_MAX_SERIES: --max-series takes ");
        (await RunAsync(Programs.Client, bad, "--help")).EndedWith(Exit.Success).WithOutput("RAWECHO_ and its name in capitals");
        bad["RAWECHO_QUIET"] = "maybe";
        (await RunAsync(Programs.Server, bad)).EndedWith(Exit.Usage).WithOneSentence("RAWECHO_QUIET: ", "true or false", "'maybe'");
    }

    [Fact]
    public async Task Of_certs_the_directory_alone_has_a_variable()
    {
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var variables = new Dictionary<string, string> { ["RAWECHO_DIR"] = missing, ["RAWECHO_CERT"] = "a", ["RAWECHO_KEY"] = "b" };
        (await RunAsync(Programs.Certs, variables, "list")).EndedWith(Exit.Certificate).WithOneSentence(missing);
        (await RunAsync(Programs.Certs, variables, "revoke")).EndedWith(Exit.Usage).WithOneSentence("--cert or --serial");
    }

    private static async Task<ProgramResult> RunAsync(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        await using var process = new ProgramProcess(program, arguments, environment);
        return await process.ExitAsync();
    }
}
