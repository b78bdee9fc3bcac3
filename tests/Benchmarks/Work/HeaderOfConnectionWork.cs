using System.Globalization;
using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// What a header costs a connection, beside what a handshake costs. The spread of handshakes is wider than the cost of a header, so that is
/// measured on connections without TLS, which echo one message each: without, with, with, without.
/// </summary>
internal sealed class HeaderOfConnectionWork(string name, string title) : WorkItem(name, title)
{
    private const int AtATime = 16;
    private const int WarmUp = 10_000;
    private const int Connections = 60_000;

    public override string Unit => "connection";

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        context.Catalog.Peers.FirstOrDefault(p => p.Name == HaproxyPeers.Header) is { } header
            ? [new Subject(HaproxyPeers.Header, header.Title, c => MeasureAsync(context, c))]
            : [];

    private static async Task<Sample> MeasureAsync(WorkContext context, CancellationToken cancellation)
    {
        double handshake = (await HaproxyLoad.Handshakes.MeasureAsync(context, context.Catalog.Baseline, cancellation))[Figure.Cpu];
        double[] cpu = new double[4];
        foreach ((int i, bool isWith) in new[] { false, true, true, false }.Index())
            cpu[i] = await MeasureAsync(context, isWith, cancellation);
        (double without, double with) = ((cpu[0] + cpu[3]) / 2, (cpu[1] + cpu[2]) / 2);
        return new Sample
        {
            [Figure.Cpu] = with,
            [Figure.DirectCpu] = without,
            [Figure.HandshakePercent] = 100 * (with - without) / handshake,
        };
    }

    private static async Task<double> MeasureAsync(WorkContext context, bool isWith, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, AtATime);
        using ServerProcess server =
            await ServerProcess.StartAsync(HaproxyPeers.Plain(context.Layout, isWith), job, context.Cores.Server, cancellation);
        await ConnectAsync(context, server, isWith, WarmUp, cancellation);
        ProcSample before = server.Sample();
        int connections = (int)(Connections * context.Scale);
        await ConnectAsync(context, server, isWith, connections, cancellation);
        return ServerFigures.PerUnit(before, server.Sample(), connections)[Figure.Cpu];
    }

    private static async Task ConnectAsync(
        WorkContext context, ServerProcess server, bool isWith, int connections, CancellationToken cancellation)
    {
        const string name = "rawecho-client";
        string[] arguments =
        [
            "run", "--server", Text($"127.0.0.1:{server.Port}"), "--tls", "none", "--clients", Text($"{AtATime}"),
            "--messages-per-connection", "1", "--messages", Text($"{connections}"), "--size", "64", "--quiet",
            "--send-proxy", isWith ? "v2" : "off",
        ];
        using ChildProcess client =
            ChildProcess.Start(context.Layout.NativeProgram(name) ?? context.Layout.Program(name), arguments, context.Cores.Generator);
        // What it says is not looked at; read, or it would wait for its reader.
        Task<string> said = client.Output.ReadToEndAsync(cancellation);
        int code = await client.WaitAsync(cancellation);
        await said;
        if (code != 0) throw new BenchFailure(Text($"{name} failed with exit code {code}: {client.Error}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
