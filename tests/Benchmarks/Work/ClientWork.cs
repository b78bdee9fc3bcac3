using System.Globalization;
using System.Text.RegularExpressions;
using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>The other side: what a round trip costs rawecho-client, beside the load generator, both against the C server.</summary>
internal sealed partial class ClientWork()
    : WorkItem("client", "the client's own CPU, 64 connections, messages of 1 to 100 bytes, against the C server")
{
    /// <summary>The row of the load generator itself.</summary>
    public const string GeneratorRow = "load";

    /// <summary>The row of rawecho-client.</summary>
    public const string ClientRow = "rawecho-client";

    /// <summary>The row of the same as a native executable.</summary>
    public const string NativeRow = "rawecho-client-native";

    private const int Connections = 64;
    private const int MinSize = 1;
    private const int MaxSize = 100;
    private const double ShortSeconds = 2;
    private const double LongSeconds = 5;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
    [
        new Subject(GeneratorRow, "C load generator", c => MeasureGeneratorAsync(context, c)),
        new Subject(ClientRow, "rawecho-client", c => MeasureClientAsync(context, context.Layout.Program("rawecho-client"), c)),
        .. context.Layout.NativeProgram("rawecho-client") is { } native
            ? [new Subject(NativeRow, "rawecho-client (native)", c => MeasureClientAsync(context, native, c))]
            : Array.Empty<Subject>(),
    ];

    private static Task<ServerProcess> StartServerAsync(WorkContext context, CancellationToken cancellation) =>
        ServerProcess.StartAsync(
            context.Catalog.Baseline, new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections), context.Cores.Server, cancellation);

    private static async Task<Sample> MeasureGeneratorAsync(WorkContext context, CancellationToken cancellation)
    {
        using ServerProcess server = await StartServerAsync(context, cancellation);
        using var load = new LoadGenerator(
            context.Generator, "load", server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator,
            Connections, MinSize, MaxSize, ShortSeconds * context.Scale, (LongSeconds - ShortSeconds) * context.Scale, 1);
        await load.StartedAsync(cancellation);
        await load.EndedAsync(cancellation);
        LoadResult result = await load.FinishAsync(cancellation);
        return Figures(result.RoundTrips, result.UserUs, result.SystemUs, result.Seconds);
    }

    // The difference of a long run and a short one: start, handshakes and compilation are in both and cancel out.
    private static async Task<Sample> MeasureClientAsync(WorkContext context, string program, CancellationToken cancellation)
    {
        using ServerProcess server = await StartServerAsync(context, cancellation);
        Run shortRun = await RunClientAsync(context, program, server, ShortSeconds * context.Scale, cancellation);
        Run longRun = await RunClientAsync(context, program, server, LongSeconds * context.Scale, cancellation);
        return Figures(
            longRun.RoundTrips - shortRun.RoundTrips, longRun.User - shortRun.User, longRun.System - shortRun.System,
            longRun.Seconds - shortRun.Seconds);
    }

    private static async Task<Run> RunClientAsync(
        WorkContext context, string program, ServerProcess server, double seconds, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "--server", $"127.0.0.1:{server.Port}", "--server-name", "localhost", "--clients", $"{Connections}",
            "--size", $"{MinSize}-{MaxSize}",
            "--duration", string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0}ms"), "--loops", "1",
            "--ca", context.Ecdsa.Ca, "--cert", context.Ecdsa.Client, "--key", context.Ecdsa.ClientKey, "--quiet",
        ];
        (long user, long system) = Native.EndedChildrenMicroseconds();
        using var client = ChildProcess.Start(program, arguments, context.Cores.Generator);
        string output = await client.Output.ReadToEndAsync(cancellation);
        int code = await client.WaitAsync(cancellation);
        (long userAfter, long systemAfter) = Native.EndedChildrenMicroseconds();
        Match counted = RoundTrips().Match(output);
        if (code != 0 || !counted.Success) throw new BenchFailure($"rawecho-client failed with exit code {code}: {client.Error}");
        return new Run(
            long.Parse(counted.Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(counted.Groups[2].Value, CultureInfo.InvariantCulture),
            userAfter - user,
            systemAfter - system);
    }

    private static Sample Figures(long roundTrips, long user, long system, double seconds)
    {
        if (roundTrips <= 0) throw new BenchFailure("the long run of the client made no more round trips than the short one.");
        return new Sample
        {
            [Figure.Cpu] = (double)(user + system) / roundTrips,
            [Figure.User] = (double)user / roundTrips,
            [Figure.System] = (double)system / roundTrips,
            [Figure.Rate] = roundTrips / seconds,
        };
    }

    [GeneratedRegex(@"^Round trips: (\d+) in ([\d.]+) s", RegexOptions.Multiline)]
    private static partial Regex RoundTrips();

    private sealed record Run(long RoundTrips, double Seconds, long User, long System);
}
