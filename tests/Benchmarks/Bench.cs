using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Report;
using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks;

/// <summary>One run of the benchmark: builds, measures, reports.</summary>
internal sealed class Bench(BenchPlan plan, BenchOptions options)
{
    private const int ExitSomeFailed = 1;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux()) throw new BenchFailure("it reads /proc and uses epoll, so it runs on Linux only.");
        IReadOnlyList<WorkItem> items = plan.Choose(options);
        var layout = new Layout(options.Output);
        Console.WriteLine("Building the load generator and the peers ...");
        var builder = new PeerBuilder(layout, cancellation);
        string generator = await plan.BuildGeneratorAsync(builder);
        PeerCatalog catalog = await plan.BuildPeersAsync(layout, builder, options);
        foreach (SkippedPeer skipped in catalog.Skipped) Console.WriteLine($"Left out: {skipped.Name}: {skipped.Reason}");

        using Certificates ecdsa = await Certificates.CreateAsync(layout, "p256", cancellation);
        using Certificates rsa = await Certificates.CreateAsync(layout, "rsa2048", cancellation);
        SystemCallCounter calls = await SystemCallCounter.FindAsync(cancellation);
        var context = new WorkContext(layout, catalog, generator, Cores.Choose(), ecdsa, rsa, calls, options.Scale);
        var run = new BenchRun(
            plan, await Machine.DescribeAsync(context.Cores, cancellation), options.CommandLine, options.Rounds, calls.Description,
            catalog.Skipped);
        Console.WriteLine(run.Machine.ToString());
        Console.WriteLine($"System calls: {calls.Description}");

        foreach (WorkItem item in items)
        {
            WorkResult result = await MeasureAsync(item, context, cancellation);
            run.Results.Add(result);
            Console.WriteLine();
            ConsoleReport.Write(result, Console.Out);
            // After each item, so that an interrupted run has not been for nothing.
            Write(run, layout);
        }

        Console.WriteLine();
        ConsoleReport.Write(run.Verdicts, Console.Out);
        Console.WriteLine($"Written: {Path.Combine(layout.Output, "bench.md")}, bench.json, bench.html");
        return run.Results.Any(r => r.Failures.Count > 0) ? ExitSomeFailed : 0;
    }

    // Rounds outside, subjects inside: what else happens on the machine meets all of them alike.
    private async Task<WorkResult> MeasureAsync(WorkItem item, WorkContext context, CancellationToken cancellation)
    {
        IReadOnlyList<Subject> subjects = item.Subjects(context);
        var result = new WorkResult(item, subjects);
        if (item.Obstacle is { } obstacle)
        {
            result.Skipped = obstacle;
            return result;
        }

        HostSample before = HostSample.Take();
        int rounds = item.Rounds(options.Rounds);
        for (int round = 1; round <= rounds; round++)
        {
            foreach (Subject subject in subjects)
            {
                Progress.Show($"{item.Name}: round {round} of {rounds}: {subject.Name}");
                await result.TakeAsync(subject, subject.MeasureAsync, cancellation);
            }
        }

        foreach (Subject subject in subjects.Where(s => s.MeasureUntimedAsync is not null))
        {
            Progress.Show($"{item.Name}: system calls: {subject.Name}");
            await result.TakeAsync(subject, subject.MeasureUntimedAsync!, cancellation);
        }

        Progress.Clear();
        result.Rounds = rounds;
        result.StealPercent = HostSample.Take().StealSince(before);
        return result;
    }

    private static void Write(BenchRun run, Layout layout)
    {
        File.WriteAllText(Path.Combine(layout.Output, "bench.json"), JsonReport.Render(run));
        File.WriteAllText(Path.Combine(layout.Output, "bench.md"), MarkdownReport.Render(run));
        File.WriteAllText(Path.Combine(layout.Output, "bench.html"), PageReport.Render(run));
    }
}
