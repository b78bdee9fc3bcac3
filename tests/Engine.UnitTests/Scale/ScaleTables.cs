using System.Globalization;
using System.Text;

namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>The tables of docs/scale.md, computed.</summary>
internal static class ScaleTables
{
    private static readonly MachineSize Small = new(4, 16), Large = new(16, 64);
    private static readonly int[] Fleets = [100_000, 1_000_000, 10_000_000];

    private static MeasuredFigures Figures => MeasuredFigures.Now;

    /// <summary>What the calculation starts from.</summary>
    public static string Inputs() => Table(
        ["figure", "", "from"],
        [
            ["private memory of the server for a connection", Kilobytes(Figures.ServerKilobytes),
                "[100,000 connections](performance.md#100000-connections)"],
            ["CPU time of the server for an echo", Microseconds(Figures.Echo), "the same; each connection echoes once in 10 s"],
            ["CPU time of the server for a full handshake", Microseconds(Figures.FullHandshake),
                "[a handshake](performance.md#a-handshake)"],
            ["CPU time of the server for a resumed handshake", Microseconds(Figures.ResumedHandshake), "the same"],
            ["CPU time of the server for a connection that it turns away at the gate", Microseconds(MeasuredFigures.Refusal),
                "a rough figure: a server with `--max-handshakes 1 --max-handshake-queue 0` under hellos, on a busy machine"],
            ["memory of the kernel for a socket", Kilobytes(MeasuredFigures.SocketKilobytes), "growth of Slab with 16,000 idle sockets"],
            ["private memory of HAProxy for an idle connection, mode tcp", Kilobytes(MeasuredFigures.HaproxyTcpKilobytes),
                "HAProxy 2.6.12, growth from 1,000 to 5,000 connections"],
            ["the same where it ends TLS and makes it again", Kilobytes(MeasuredFigures.HaproxyTlsKilobytes), "the same"],
            ["ports from one source address to one address and port", Number(MeasuredFigures.Ports),
                "`net.ipv4.ip_local_port_range` of Linux, 32768 to 60999"],
        ]);

    /// <summary>Servers.</summary>
    public static string Servers() => Table(
        ["connections", "each server", "servers", "connections of each", "limit", "CPU in use", "memory in use"],
        [.. Fleets.SelectMany(n => new[] { Small, Large }.Select(m => ServerRow(new FleetModel(n, m, Figures))))]);

    /// <summary>How long it takes until clients are back.</summary>
    public static string Reconnects() => Table(
        ["connections", "servers", "one server dies, full handshakes", "all at once, full", "all at once, resumed"],
        [
            .. Fleets.SelectMany(n => new[] { Small, Large }.Select(m => new FleetModel(n, m, Figures))).Select(f => new[]
            {
                Number(f.Connections), $"{f.Servers} of {Size(f.Machine)}", Seconds(f.AfterOneServer(Figures.FullHandshake)),
                Seconds(f.AfterAll(Figures.FullHandshake)), Seconds(f.AfterAll(Figures.ResumedHandshake)),
            }),
        ]);

    /// <summary>Machines with HAProxy.</summary>
    public static string Haproxies() => Table(
        ["connections", "HAProxy", "machines", "connections of each", "`maxconn`", "descriptors", "source addresses of each"],
        [
            .. Fleets.SelectMany(n => new[]
            {
                HaproxyRow(new FleetModel(n, Small, Figures), "mode tcp", MeasuredFigures.HaproxyTcpKilobytes),
                HaproxyRow(new FleetModel(n, Small, Figures), "ends TLS", MeasuredFigures.HaproxyTlsKilobytes),
            }),
        ]);

    /// <summary>Storms that end, simulated and by the model.</summary>
    public static string Storms() => Table(
        ["clients", "cores", "handshake", "pauses", "p50", "p99", "all", "attempts refused", "model: p50", "model: p99"],
        [.. StormRuns.Ending.Select(StormRow)]);

    /// <summary>Storms that do not.</summary>
    public static string Endless() => Table(
        ["handshake", "clients wait for", "`--max-handshake-wait`", "back after 5 minutes", "p99", "handshakes computed for nobody"],
        [.. StormRuns.Patience.Select(EndlessRow)]);

    private static string[] ServerRow(FleetModel fleet)
    {
        double memory = fleet.PerServer * (Figures.ServerKilobytes + MeasuredFigures.SocketKilobytes) / 1024 / 1024;
        return
        [
            Number(fleet.Connections), Size(fleet.Machine), Number(fleet.Servers), Number(fleet.PerServer),
            $"{fleet.Limit.What}: {Number(fleet.Limit.Connections)}",
            string.Create(CultureInfo.InvariantCulture, $"{100 * fleet.Busy:0} %"),
            string.Create(CultureInfo.InvariantCulture, $"{memory:0.0} GB"),
        ];
    }

    private static string[] HaproxyRow(FleetModel fleet, string how, double kilobytes)
    {
        int most = fleet.PerHaproxy(kilobytes);
        return
        [
            Number(fleet.Connections), how, Number(fleet.Haproxies(kilobytes)),
            Number((fleet.Connections + fleet.Haproxies(kilobytes) - 1) / fleet.Haproxies(kilobytes)), Number(most), Number(2 * most),
            Number(fleet.SourcesPerHaproxy(kilobytes)),
        ];
    }

    private static string[] StormRow((StormSettings Settings, StormResult Result) run)
    {
        (StormSettings settings, StormResult result) = run;
        StormModel model = StormRuns.ModelOf(settings);
        // All at the same moments: the model knows nothing of that.
        bool isModelled = settings.Jitter;
        return
        [
            Number(settings.Clients), Number(settings.Cores), Microseconds(settings.Handshake), settings.Jitter ? "random" : "equal",
            Seconds(result.P50), Seconds(result.P99), Seconds(result.All), Rounded(result.Refused),
            isModelled ? Seconds(model.Until(0.5)) : "", isModelled ? Seconds(model.Until(0.99)) : "",
        ];
    }

    private static string[] EndlessRow((StormSettings Settings, StormResult Result) run) =>
    [
        Microseconds(run.Settings.Handshake), Seconds(run.Settings.ClientTimeout),
        run.Settings.MaxWait == Timeout.InfiniteTimeSpan ? "off" : Seconds(run.Settings.MaxWait),
        $"{Number(run.Result.Back)} of {Number(run.Settings.Clients)}", run.Result.P99 is { } p99 ? Seconds(p99) : "not in 5 minutes",
        Rounded(run.Result.Wasted),
    ];

    private static string Table(string[] heading, string[][] rows)
    {
        var text = new StringBuilder();
        AppendRow(text, heading);
        AppendRow(text, [.. heading.Select((_, i) => rows.All(r => IsNumber(r[i])) ? "---:" : "---")]);
        foreach (string[] row in rows) AppendRow(text, row);
        return text.ToString();
    }

    private static bool IsNumber(string cell) => cell is "" or "never" or "off" or "not in 5 minutes" || char.IsAsciiDigit(cell[0]);

    private static void AppendRow(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Size(MachineSize machine) => $"{machine.Cores} cores, {machine.Gigabytes} GB";

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    // To three figures: the rest is chance.
    private static string Rounded(int number)
    {
        int unit = 1;
        while (number / unit >= 1000) unit *= 10;
        return Number((number + (unit / 2)) / unit * unit);
    }

    private static string Kilobytes(double kilobytes) => string.Create(CultureInfo.InvariantCulture, $"{kilobytes:0.0} KB");

    private static string Microseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:N0} us");

    private static string Seconds(TimeSpan? time) => time switch
    {
        null => "never",
        { TotalSeconds: < 10 } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.0} s"),
        { } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:N0} s"),
    };
}
