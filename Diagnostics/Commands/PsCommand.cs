using System.CommandLine;
using System.Globalization;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Sources;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>ps: lists the .NET processes, and for those that cannot be attached to the reason.</summary>
internal static class PsCommand
{
    private const int LongestName = 25;

    public static Command Create()
    {
        var command = new Command(
            "ps", "List the .NET processes of this machine: those to attach to, and those that one cannot attach to, with the reason");
        var json = new Option<bool>("--json") { Description = "As one JSON array, for programs" };
        command.Options.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new StopSignal();
            StandardStreams.OutputIsData = parsed.GetValue(json);
            IReadOnlyList<DotNetProcess> processes = await ProcessFinder.AllAsync(stop.Token);
            if (StandardStreams.OutputIsData) Console.Out.WriteLine(ProcessJson.Of(processes));
            else Write(Console.Out, processes);
            return CommonExitCode.Success;
        });
        return command;
    }

    private static void Write(TextWriter output, IReadOnlyList<DotNetProcess> processes)
    {
        DotNetProcess[] open = [.. processes.Where(p => p.Refusal is null)];
        string[] heads = ["PID", "name", "description", "runtime", "user", "uptime", "threads", "private", "listening", "command"];
        string[][] lines = [heads, .. open.Select(Line)];
        if (open.Length == 0) output.WriteLine("There is no .NET process to attach to.");
        else if (Console.IsOutputRedirected) TextTable.Write(output, lines, leftColumns: 5, leftAtEnd: 2);
        else WriteNarrow(output, lines);
        DotNetProcess[] closed = [.. processes.Where(p => p.Refusal is not null)];
        if (closed.Length == 0) return;
        output.WriteLine();
        output.WriteLine("Not to attach to:");
        foreach (DotNetProcess process in closed) FoldedLine.Write(output, $"  {process.Description.Name}: {process.Refusal!.Message}", 4);
    }

    // On a terminal: what has a fixed width in a table, and below it what may be long.
    private static void WriteNarrow(TextWriter output, string[][] lines)
    {
        int width = TerminalWidth.OfOutput;
        string[][] table = [.. lines.Select(l => new[] { l[0], CellText.Fit(l[1], LongestName), l[5], l[6], l[7], l[8] })];
        using var text = new StringWriter { NewLine = "\n" };
        TextTable.Write(text, table, leftColumns: 2, leftAtEnd: 1);
        foreach ((string row, string[] line) in text.ToString().Split('\n').Zip(lines))
        {
            FoldedLine.Write(output, row, 2);
            if (line == lines[0]) continue;
            output.WriteLine(CellText.Fit($"  {line[2]}, {line[3]}, {line[4]}", width));
            output.WriteLine(CellText.Fit($"  {line[9]}", width));
        }
    }

    // Unknown is not none.
    private static string Ports(int pid) => ListeningPorts.Of(pid) is { } ports
        ? ports.Count == 0 ? "none" : string.Join(',', ports.Select(p => $":{p.ToString(CultureInfo.InvariantCulture)}"))
        : ValueText.Absent;

    private static string[] Line(DotNetProcess process)
    {
        var values = new SampleValues();
        ISampleSource source = OperatingSystem.IsLinux() ? new MemorySource(process.Pid) : new ProcessClassSource(process.Pid);
        source.Collect(values);
        double? uptime = ProcessAge.Of(process.Pid, process.Description.Started)?.TotalSeconds;
        return
        [
            process.Pid.ToString(CultureInfo.InvariantCulture),
            process.Description.Name,
            process.Description.Description,
            process.Description.Runtime ?? ValueText.Absent,
            process.Description.User ?? ValueText.Absent,
            ValueText.Of(MetricCatalog.Uptime, uptime),
            ValueText.Of(MetricCatalog.OsThreads, values[MetricCatalog.OsThreads]),
            ValueText.Of(MetricCatalog.Private, values[MetricCatalog.Private]),
            Ports(process.Pid),
            process.Description.CommandLine ?? ValueText.Absent,
        ];
    }
}
