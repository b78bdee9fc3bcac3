using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;

namespace RawEcho.Benchmarks.Pieces;

/// <summary>rawecho-bench pieces: the parts of the engine one by one, in nanoseconds and in bytes allocated.</summary>
internal static class PiecesCommand
{
    public static Command Create()
    {
        var filter = new Option<string>("--filter") { Description = "Which of them, as in *Pool*", DefaultValueFactory = _ => "*" };
        var output = new Option<string>("--out")
        {
            Description = "Folder for the reports",
            DefaultValueFactory = _ => Path.Combine(new Layout(null).Output, "pieces"),
        };
        var command = new Command(
            "pieces",
            "Measures the parts of the engine with BenchmarkDotNet: pools, buffers, an echo over a pair of sockets.")
        {
            filter, output,
        };
        command.SetAction(parsed =>
        {
            // Before the first socket: completions run inline, as in the server.
            EngineProcess.Configure(new EngineProcessOptions { EventLoops = 1 });
            BenchmarkSwitcher.FromTypes([typeof(PoolPieces), typeof(SocketPieces)])
                .Run(["--filter", parsed.GetValue(filter)!], Configuration(parsed.GetValue(output)!));
        });
        return command;
    }

    // In this process: a project generated beside ours would fall under our Directory.Build.props.
    private static ManualConfig Configuration(string output) => ManualConfig.CreateEmpty()
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddExporter(MarkdownExporter.GitHub)
        .AddLogger(ConsoleLogger.Default)
        .WithArtifactsPath(output);
}
