using System.Globalization;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>The numbers are right: held against /proc, and against a program that does things in known amounts.</summary>
public sealed class NumbersTests
{
    private const double MB = 1024 * 1024;

    public NumbersTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: it compares with /proc.");

    [Fact]
    public async Task Cpu_time_is_what_the_program_burned_and_the_thread_is_named()
    {
        const int burned = 1000;
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using SamplerRun run = await SamplerRun.StartAsync(work.Id);
        ProcStat before = ProcStat.Of(work.Id)!.Value;
        await run.DuringAsync(() => work.DoAsync($"burn {burned}"));
        ProcStat after = ProcStat.Of(work.Id)!.Value;

        double seconds = run.Total(MetricCatalog.Cpu) / 100;
        double ofProc = (after.UserTicks + after.SystemTicks - before.UserTicks - before.SystemTicks) / ProcStat.TicksPerSecond;
        Assert.InRange(seconds, burned / 1000.0, (burned / 1000.0) + 0.5);
        // The rounds begin a little before the first look at /proc and end a little before the second one.
        Assert.InRange(seconds, ofProc - 0.15, ofProc + 0.15);
        Assert.Equal(seconds, (run.Total(MetricCatalog.CpuUser) + run.Total(MetricCatalog.CpuSystem)) / 100, 0.1);
        Assert.Equal(seconds / Environment.ProcessorCount, run.Total(MetricCatalog.CpuMachine) / 100, 0.01);
        double burner = run.Rounds
            .SelectMany(r => r.Samples[0].Values)
            .Where(v => MetricCatalog.BusiestThreads.TagOf(v.Key)?.StartsWith("burner ", StringComparison.Ordinal) == true)
            .Max(v => v.Value);
        Assert.InRange(burner * run.Seconds / 100, (burned / 1000.0) - 0.1, (burned / 1000.0) + 0.3);
    }

    [Fact]
    public async Task Memory_is_what_the_program_took()
    {
        const int taken = 64;
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using SamplerRun run = await SamplerRun.StartAsync(work.Id);
        double before = run.Last(MetricCatalog.Private)!.Value;
        await run.DuringAsync(() => work.DoAsync($"native {taken}"));

        Assert.InRange(run.Last(MetricCatalog.Private)!.Value - before, (taken - 1) * MB, (taken + 8) * MB);
        ProcStatus status = ProcStatus.Of(work.Id)!;
        Assert.Equal(status.Bytes("RssAnon")!.Value, run.Last(MetricCatalog.Private)!.Value, 2 * MB);
        Assert.Equal(status.Bytes("VmRSS")!.Value, run.Last(MetricCatalog.WorkingSet)!.Value, 2 * MB);
        Assert.True(run.Last(MetricCatalog.Peak) >= run.Last(MetricCatalog.WorkingSet));
        Assert.InRange(run.Last(MetricCatalog.OsThreads)!.Value, 3, 60);
    }

    [Fact]
    public async Task Allocations_collections_and_pauses_are_those_of_the_program()
    {
        const int collections = 20;
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using SamplerRun run = await SamplerRun.StartAsync(work.Id);
        string paused = string.Empty, allocated = string.Empty;
        await run.DuringAsync(async () =>
        {
            allocated = await work.DoAsync("allocate 200");
            paused = await work.DoAsync($"collect {collections}");
        });

        double bytes = double.Parse(allocated, CultureInfo.InvariantCulture);
        Assert.InRange(run.Total(MetricCatalog.Allocated), bytes * 0.75, (bytes * 1.25) + (10 * MB));
        Assert.InRange(run.Total(MetricCatalog.Gen2Collections), collections * 0.75, collections * 1.25);
        double[] seconds = [.. paused.Split(' ').Select(s => double.Parse(s, CultureInfo.InvariantCulture))];
        // Those of the collections that allocating caused are in it too. By the events a pause begins a little earlier and ends a little
        // later; each may wait for a processor then.
        double told = run.Total(MetricCatalog.PausePercent) / 100;
        Assert.InRange(told, seconds[1] * 0.8, (seconds[1] * 3) + 0.2);
        Assert.InRange(run.Last(MetricCatalog.PauseLongest)!.Value, seconds[0] / collections * 0.5, told);
    }

    [Fact]
    public async Task Before_the_first_collection_the_heap_is_what_was_allocated_and_the_rest_is_absent()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using SamplerRun run = await SamplerRun.StartAsync(work.Id);
        await run.UntilAsync(() => run.Last(MetricCatalog.GcHeap) is not null, "a heap");
        Assert.InRange(run.Last(MetricCatalog.GcHeap)!.Value, 10_000, 50 * MB);
        Assert.Null(run.Last(MetricCatalog.GcCommitted));
        Assert.Null(run.Last(MetricCatalog.Gen0));
        Assert.Null(run.Last(MetricCatalog.Native));

        await run.DuringAsync(() => work.DoAsync("collect 2"));
        Assert.NotNull(run.Last(MetricCatalog.Gen2));
        Assert.True(run.Last(MetricCatalog.GcCommitted) > 0);
        Assert.True(run.Last(MetricCatalog.Native) > 0);
        Metric[] all = [MetricCatalog.Gen0, MetricCatalog.Gen1, MetricCatalog.Gen2, MetricCatalog.Loh, MetricCatalog.Poh];
        double generations = all.Sum(m => run.Last(m) ?? 0);
        Assert.Equal(run.Last(MetricCatalog.GcHeap)!.Value, generations, 1.0);
    }

    [Fact]
    public async Task Sockets_and_bytes_are_those_that_the_program_opened_and_sent()
    {
        const int connections = 20, bytes = 50_000;
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using SamplerRun run = await SamplerRun.StartAsync(work.Id);
        // The counters of sockets begin when there is the first socket.
        await run.DuringAsync(() => work.DoAsync("connect 1 1"));
        double descriptors = run.Last(MetricCatalog.Descriptors)!.Value;
        await run.DuringAsync(() => work.DoAsync($"connect {connections} {bytes}"));

        // Both ends are the program's, and so is the listener; the first order left two and one.
        Assert.Equal((2 * connections) + 2, run.Last(MetricCatalog.TcpEstablished));
        Assert.Equal(2, run.Last(MetricCatalog.TcpListening));
        Assert.Equal(0, run.Last(MetricCatalog.TcpCloseWait));
        Assert.True(run.Last(MetricCatalog.Descriptors)!.Value - descriptors > 2 * connections);
        Assert.Equal(Directory.GetFileSystemEntries($"/proc/{work.Id}/fd").Length, run.Last(MetricCatalog.Descriptors)!.Value, 2.0);
        Assert.InRange(run.Total(MetricCatalog.Sent), connections * bytes * 0.5, connections * bytes * 1.6);
        Assert.InRange(run.Total(MetricCatalog.Received), connections * bytes * 0.5, connections * bytes * 1.6);
    }
}
