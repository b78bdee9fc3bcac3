using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Several clients make one load: each its share, all at one time, and merged they are what one would have been.</summary>
public sealed class LoadFleetTests(Certificates certificates)
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    // So many programs may take long to start on a busy machine; a member that is late in its warm-up is not late.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly string[] Warm = ["--warmup", "4s"];

    [Fact]
    public async Task Three_members_send_what_one_client_sends_and_are_merged_to_one_result()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "7", "--rate", "300", "--messages", "600", "--seed", "5", "--json", "--quiet"];
        Task<ProgramResult> alone = LoadRun.RunAsync(server.Address, certificates, load);
        using var folder = new TempFolder();
        // Without a warm-up: bytes count from its end, and then not to the message. So there is more time to start.
        DateTimeOffset at = DateTimeOffset.UtcNow + (2 * Ahead);
        string[] files = await RunFleetAsync(server, folder, 3, [.. load, "--start-at", Text(at)]);
        using JsonDocument single = JsonDocument.Parse((await alone).EndedWith(Exit.Success).Output[0]);

        foreach ((int i, string file) in files.Index())
        {
            string json = await File.ReadAllTextAsync(file);
            Schema.AssertValid(json);
            using JsonDocument member = JsonDocument.Parse(json);
            Assert.Equal(i == 0 ? 3 : 2, member.RootElement.GetProperty("settings").GetProperty("clients").GetInt32());
            JsonElement fleet = member.RootElement.GetProperty("fleet");
            Assert.Equal((i + 1, 3), (fleet.GetProperty("member").GetInt32(), fleet.GetProperty("members").GetInt32()));
            // No member begins before the time, and by one clock none of them much before another one.
            Assert.True(member.RootElement.GetProperty("startedAt").GetDateTimeOffset() >= at.AddMilliseconds(-5));
        }

        ProgramResult merged = await MergeAsync([.. files, "--json"]);
        string result = Assert.Single(merged.EndedWith(Exit.Success).Output);
        Schema.AssertValid(result);
        using JsonDocument all = JsonDocument.Parse(result);
        // The same connections with the same messages: not one byte more or less.
        foreach (string total in (string[])["roundTrips", "bytesSent", "bytesReceived", "mismatches", "unanswered"])
            Assert.Equal(single.RootElement.GetProperty(total).GetInt64(), all.RootElement.GetProperty(total).GetInt64());
        Assert.Equal(600, all.RootElement.GetProperty("roundTrips").GetInt64());
        Assert.Equal(300, all.RootElement.GetProperty("settings").GetProperty("rate").GetDouble());
        Assert.Equal(7, all.RootElement.GetProperty("settings").GetProperty("clients").GetInt32());
        Assert.Equal(600, all.RootElement.GetProperty("series").EnumerateArray().Sum(s => s.GetProperty("roundTrips").GetInt64()));
        Assert.Empty(all.RootElement.GetProperty("fleet").GetProperty("missing").EnumerateArray());
        (await MergeAsync(files)).EndedWith(Exit.Success).WithOutput("Fleet: 3 of 3 members, 7 of 7 clients at 300 per second");

        // One is missing: a sentence and a code, or, when that is wanted, what there is.
        ProgramResult missing = await MergeAsync(files[0], files[2]);
        missing.EndedWith(Exit.Fleet).WithOneSentence("Member 2 of 3 is missing.", "--partial");
        Assert.Empty(missing.Output);
        ProgramResult partial = await MergeAsync(files[0], files[2], "--partial");
        partial.EndedWith(Exit.Success).WithError("WARNING: Member 2 of 3 is missing.").WithOutput("2 of 3 members", "missing: 2");
        Assert.Equal(7 - 2, partial.Number("Clients"));

        // A run of its own, and one of another fleet, are no part of it.
        string own = folder.Write("own.json", (await alone).Output[0]);
        (await MergeAsync([.. files, own])).EndedWith(Exit.Fleet).WithOneSentence("own.json is not");
        (await MergeAsync(own, "--partial")).EndedWith(Exit.Usage).WithOneSentence("--partial");
        string other = await File.ReadAllTextAsync(files[1]);
        string depth = folder.Write("depth.json", other.Replace("\"depth\":1,", "\"depth\":4,", StringComparison.Ordinal));
        (await MergeAsync(files[0], depth, files[2])).EndedWith(Exit.Fleet).WithOneSentence("depth.json", "--depth 4 and not 1");
        await server.StopAsync();
    }

    [Fact]
    public async Task Requests_uploads_and_places_that_are_replaced_are_shared_too()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string[] files = await RunFleetAsync(
            server, folder, 2,
            [
                "--mode", "upload", "--clients", "3", "--duration", "1s", "--json", "--quiet",
                "--start-at", Soon(Ahead), .. Warm,
            ]);
        (await MergeAsync(files)).EndedWith(Exit.Success)
            .WithOutput("Fleet: 2 of 2 members, 3 of 3 clients").WithOutput("Mode: upload");
        files = await RunFleetAsync(
            server, folder, 2,
            [
                "--clients", "5", "--rate", "200", "--messages", "101", "--messages-per-connection", "4", "--json", "--quiet",
                "--arrivals", "poisson", "--start-at", Soon(Ahead), .. Warm,
            ]);
        ProgramResult merged = await MergeAsync(files);
        Assert.Equal(101, merged.EndedWith(Exit.Success).Number("Round trips"));
        await server.StopAsync();
    }

    [Fact]
    public async Task Every_member_has_local_addresses_of_its_own()
    {
        Requires.Linux("all of 127.0.0.0/8 is loopback there alone");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string[] addresses = ["127.0.0.21", "127.0.0.22", "127.0.0.23"];
        await RunFleetAsync(
            server, folder, 2,
            [
                "--clients", "6", "--messages", "60", "--json", "--quiet", "--start-at", Soon(Ahead),
                .. addresses.SelectMany(a => new[] { "--source", a }),
            ]);
        string[] from = [.. server.Process.Lines.Where(l => l.StartsWith("Client connection ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')[2].Split(':')[0])];
        // The first member has the first and the third one, and as many connections as the other.
        Assert.Equal(3, from.Count(a => a == "127.0.0.22"));
        Assert.Equal(3, from.Count(a => a is "127.0.0.21" or "127.0.0.23"));
        Assert.Contains("127.0.0.23", from);
        await server.StopAsync();
    }

    [Theory]
    [InlineData("takes N/M", "--fleet", "0/3", "--start-at", "soon")]
    [InlineData("takes N/M", "--fleet", "4/3", "--start-at", "soon")]
    [InlineData("takes N/M", "--fleet", "2", "--start-at", "soon")]
    [InlineData("takes N/M", "--fleet", "index:3/3", "--start-at", "soon")]
    [InlineData("takes N/M", "--fleet", "index:", "--start-at", "soon")]
    [InlineData("--fleet needs --start-at", "--fleet", "1/2")]
    [InlineData("--clock needs --start-at", "--clock", "localhost")]
    [InlineData("--start-at takes a time with its zone", "--start-at", "2026-11-28T12:00:00")]
    [InlineData("--start-at takes a time with its zone", "--start-at", "tomorrow")]
    [InlineData("s ago, by the clock of this machine", "--start-at", "2026-11-27T12:00:00Z")]
    [InlineData("hours ahead, by the clock of this machine, and 24 are the most", "--start-at", "2126-11-27T12:00:00+02:00")]
    [InlineData("--clients 2 is too few for 3 members", "--fleet", "1/3", "--clients", "2", "--start-at", "soon")]
    [InlineData("--messages 2 is too few for 3 members", "--fleet", "1/3", "--messages", "2", "--start-at", "soon")]
    [InlineData(
        "--source: 2 addresses are too few for 3 members", "--fleet", "1/3", "--source", "127.0.0.1", "--source", "127.0.0.2",
        "--start-at", "soon")]
    [InlineData("--start-at and --wait: choose", "--wait", "--start-at", "soon")]
    [InlineData("--start-at and --repeat: choose", "--repeat", "3", "--start-at", "soon")]
    public async Task What_cannot_be_is_one_sentence(string says, params string[] options)
    {
        string soon = Soon(Minute);
        string[] words = [.. options.Select(o => o == "soon" ? soon : o)];
        (await LoadRun.RunAsync("localhost:1", certificates, words)).EndedWith(Exit.Usage).WithOneSentence(says);
    }

    [Theory]
    [InlineData("handshake")]
    [InlineData("max")]
    public async Task Commands_whose_results_cannot_be_merged_have_no_fleet(string command) =>
        (await LoadRun.RunAsync(command, "--fleet", "1/2")).EndedWith(Exit.Usage).WithOneSentence("--fleet is no option of", "'run'");

    [Theory]
    [InlineData(3600, "Start at ")]
    [InlineData(7, "2 clients connected.")]
    public async Task Ctrl_C_while_it_waits_ends_it_at_once(int seconds, string waiting)
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "2", "--duration", "1h", "--start-at", Soon(TimeSpan.FromSeconds(seconds)));
        await client.WaitForLineAsync(waiting);
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.Interrupted);
        Assert.DoesNotContain(result.Output, l => l.StartsWith("Round trips per second", StringComparison.Ordinal));
        await server.StopAsync();
    }

    [Fact]
    public async Task A_connection_that_is_lost_before_the_start_fails_the_run_without_a_message_sent()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "2", "--duration", "1h", "--start-at", Soon(TimeSpan.FromSeconds(9)));
        await client.WaitForLineAsync("2 clients connected.");
        ProgramResult stopped = await server.StopAsync();
        Assert.Equal(0, stopped.Number("Bytes received"));
        (await client.ExitAsync()).EndedWith(Exit.ServerClosed).WithOutput("Nothing was measured");
    }

    [Fact]
    public async Task With_a_time_server_the_start_is_by_its_clock()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // It is half an hour ahead, so by the clock of this machine the start would be in half an hour.
        await using var clock = new TimeServer(TimeSpan.FromMinutes(30));
        DateTimeOffset at = clock.Now.AddSeconds(4);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "20", "--json", "--clock", clock.Address, "--start-at", Text(at));
        string json = Assert.Single(client.EndedWith(Exit.Success).Output);
        Schema.AssertValid(json);
        using JsonDocument result = JsonDocument.Parse(json);
        JsonElement start = result.RootElement.GetProperty("start"), known = start.GetProperty("clock");
        Assert.Equal(clock.Address, known.GetProperty("reference").GetString());
        double error = known.GetProperty("errorSeconds").GetDouble();
        Assert.Equal(1800, known.GetProperty("offsetSeconds").GetDouble(), tolerance: error + 0.005);
        // Both by the clock of this machine; the start may be late, and never early.
        TimeSpan begun = result.RootElement.GetProperty("startedAt").GetDateTimeOffset() - at.AddMinutes(-30);
        Assert.Equal(start.GetProperty("lateSeconds").GetDouble(), begun.TotalSeconds, tolerance: error + 0.05);
        Assert.Equal(4, clock.Asked);
        ProgramResult early = await LoadRun.RunAsync(
            server.Address, certificates, "--clock", clock.Address, "--start-at", Soon(Minute));
        early.EndedWith(Exit.Usage).WithOneSentence("s ago, by the clock of ", clock.Address);
        await server.StopAsync();
    }

    [Theory]
    [InlineData("silent", "no answer to 4 questions")]
    [InlineData("kiss", "kiss-o'-death")]
    [InlineData("alarm", "not synchronized itself")]
    [InlineData("stratum", "not synchronized itself")]
    [InlineData("origin", "to another question")]
    [InlineData("short", "is no NTP")]
    [InlineData("closed", "nobody listens there")]
    public async Task A_time_server_that_gives_no_time_is_named(string how, string why)
    {
        await using var server = new TimeServer(TimeSpan.Zero, good =>
        {
            (int at, byte value) = how switch
            {
                "kiss" => (1, (byte)0),
                "alarm" => (0, (byte)0b11_100_100),
                "stratum" => (1, (byte)16),
                _ => (24, (byte)(good[24] ^ 1)),
            };
            byte[] changed = [.. good];
            changed[at] = value;
            return how switch { "silent" => [], "short" => [good[..47]], _ => [changed] };
        });
        string address = server.Address;
        if (how == "closed")
        {
            Requires.Linux("other systems do not say that nobody listens");
            await server.DisposeAsync();
        }

        (await LoadRun.RunAsync("localhost:1", certificates, "--clock", address, "--start-at", Soon(Minute)))
            .EndedWith(Exit.Fleet).WithOneSentence($"--clock {address}: ", why);
        // Who was told no has not asked again.
        if (how is "kiss" or "alarm" or "stratum") Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task A_wrong_answer_before_the_right_one_is_passed_over()
    {
        await using var clock = new TimeServer(TimeSpan.FromDays(1), good =>
        {
            byte[] forged = [.. good];
            forged[24] ^= 1;
            return [[1, 2, 3], forged, good];
        });
        // It is a day ahead, so the minute to come has passed: the right answer was taken.
        (await LoadRun.RunAsync("localhost:1", certificates, "--clock", clock.Address, "--start-at", Soon(Minute)))
            .EndedWith(Exit.Usage).WithOneSentence("s ago, by the clock of ", clock.Address);
    }

    [Fact]
    public async Task The_clock_of_chrony_is_one_to_go_by()
    {
        Requires.Linux("chrony is of Debian here");
        string? chrony = Programs.OnPath("chronyd");
        Assert.SkipWhen(chrony is null, "There is no chronyd on this machine.");
        using var folder = new TempFolder();
        string port = FreePorts.Take(1)[0];
        string settings = folder.Write(
            "chrony.conf",
            $"port {port}\nbindaddress 127.0.0.1\ncmdport 0\nlocal stratum 8\nallow 127.0.0.1\npidfile {folder["chronyd.pid"]}\n");
        // -x: the clock of the machine is left alone.
        await using var daemon = new ProgramProcess(chrony!, ["-x", "-d", "-U", "-u", Environment.UserName, "-f", settings]);
        await daemon.WaitForLineAsync("Disabled control of system clock");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "20", "--clock", $"127.0.0.1:{port}",
            "--start-at", Soon(TimeSpan.FromSeconds(6)));
        client.EndedWith(Exit.Success).WithOutput("Clock: ", $"127.0.0.1:{port}", "the start is by that one");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_member_with_another_clock_is_found_out()
    {
        using var folder = new TempFolder();
        string shift = folder.Write("shift", "3600");
        Dictionary<string, string> environment = await ShiftedClock.ByAsync(shift, folder);
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] target = ["--server", server.Address, .. certificates.ClientOptions];
        string[] load = [.. target, "--clients", "4", "--rate", "100", "--duration", "1s", "--json"];

        // An hour ahead: the time has passed there.
        string at = Soon(Ahead);
        await using (var ahead = new ProgramProcess(Programs.Client, [.. load, "--fleet", "2/2", "--start-at", at], environment))
            (await ahead.ExitAsync()).EndedWith(Exit.Usage).WithOneSentence("s ago, by the clock of this machine");

        // With a time server it begins with the other one all the same.
        await using var clock = new TimeServer(TimeSpan.Zero);
        at = Soon(Ahead);
        string[] together = [.. load, "--start-at", at, "--clock", clock.Address, .. Warm];
        await using var right = new ProgramProcess(Programs.Client, [.. together, "--fleet", "1/2"]);
        await using var wrong = new ProgramProcess(Programs.Client, [.. together, "--fleet", "2/2"], environment);
        string first = folder.Write("1.json", (await right.ExitAsync()).EndedWith(Exit.Success).Output[0]);
        string second = folder.Write("2.json", (await wrong.ExitAsync()).EndedWith(Exit.Success).Output[0]);
        using JsonDocument result = JsonDocument.Parse(await File.ReadAllTextAsync(second));
        JsonElement known = result.RootElement.GetProperty("start").GetProperty("clock");
        Assert.Equal(-3600, known.GetProperty("offsetSeconds").GetDouble(), tolerance: 1);
        (await MergeAsync(first, second)).EndedWith(Exit.Success).WithOutput("Fleet: 2 of 2 members");

        // It is set while the member waits: by then nobody knows when the others begin.
        at = Soon(Ahead);
        await File.WriteAllTextAsync(shift, "0");
        await using var steady = new ProgramProcess(Programs.Client, [.. load, "--start-at", at, .. Warm, "--fleet", "1/2"]);
        await using var set = new ProgramProcess(Programs.Client, [.. load, "--start-at", at, .. Warm, "--fleet", "2/2"], environment);
        await set.WaitForLineAsync("Start at ");
        await File.WriteAllTextAsync(shift, "3");
        first = folder.Write("3.json", (await steady.ExitAsync()).EndedWith(Exit.Success).Output[0]);
        second = folder.Write("4.json", (await set.ExitAsync()).EndedWith(Exit.Success).WithError("WARNING", "set by").Output[0]);
        (await MergeAsync(first, second)).EndedWith(Exit.Fleet)
            .WithOneSentence("Member 2 did not load at the same time as the others: its clock was set by 3 s", "--partial");
        await server.StopAsync();
    }

    // The second one counts from 0, as in a Job of Kubernetes.
    private static string NameOf(int member, int members) =>
        FormattableString.Invariant($"{(member == 2 ? $"index:{member - 1}" : $"{member}")}/{members}");

    private async Task<string[]> RunFleetAsync(RunningServer server, TempFolder folder, int members, string[] load)
    {
        ProgramProcess[] clients =
        [
            .. Enumerable.Range(1, members).Select(n =>
                LoadRun.Start(server.Address, certificates, [.. load, "--fleet", NameOf(n, members)])),
        ];
        try
        {
            var files = new List<string>();
            foreach (ProgramProcess client in clients)
            {
                ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Success);
                files.Add(folder.Write(FormattableString.Invariant($"member-{files.Count + 1}.json"), Assert.Single(result.Output)));
            }

            return [.. files];
        }
        finally
        {
            foreach (ProgramProcess client in clients) await client.DisposeAsync();
        }
    }

    private static Task<ProgramResult> MergeAsync(params string[] arguments) => LoadRun.RunAsync(["merge", .. arguments]);

    private static string Soon(TimeSpan ahead) => Text(DateTimeOffset.UtcNow + ahead);

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
