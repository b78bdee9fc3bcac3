using System.CommandLine;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Terminal;
using Spectre.Console;

namespace RawEcho.Diagnostics.Commands;

/// <summary>watch: metrics are rows, processes are columns, refreshed in place.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var options = new SharedOptions();
        var once = new Option<bool>("--once") { Description = "Show one round, as soon as rates can be told, and end" };
        var command = new Command("watch", "Watch processes side by side: metrics are rows, processes are columns");
        options.AddTo(command);
        var json = new Option<bool>("--json") { Description = "Every round as JSON lines, as a recording has them, with all rows" };
        command.Options.Add(once);
        command.Options.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new StopSignal();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            Task unread = EndWhenUnreadAsync(over);
            string[] words = parsed.GetValue(options.Processes) ?? [];
            bool isOnce = parsed.GetValue(once), isJson = StandardStreams.OutputIsData = parsed.GetValue(json);
            if (isJson && parsed.GetResult(options.Groups) is { Implicit: false })
                throw new DiagnosticsException(CommonExitCode.Usage, "--group and --json: JSON has all rows. Choose one of the two.");
            IReadOnlySet<string> groups = options.ShownGroups(parsed);
            IReadOnlyList<DotNetProcess> processes = await ProcessFinder.NamedAsync(words, over.Token);
            bool isLive = !isOnce && !isJson && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
            RawEchoDiscovery? discovery = options.Discovery(parsed);
            // On standard error: what is on standard output is rows.
            if (!isLive && discovery is not null && new RawEchoProcesses(parsed.GetValue(options.All)).Now().Count == 0)
                await Console.Error.WriteLineAsync("Waiting for a RawEcho process. Ctrl-C to stop.");
            // Disposed last: the terminal shows what was on it before when the table of the whole time is written.
            await using var summary = new SummaryRenderer(Console.Out, groups);
            await using IRoundRenderer renderer = isLive
                ? new LiveRenderer(AnsiConsole.Console, groups, quit: () => Cancel(over))
                : isJson ? new JsonRenderer(Console.Out)
                : new PlainRenderer(Console.Out, groups);
            var loop = new WatchLoop(
                options.Sampling(parsed), parsed.GetValue(options.Duration).Value, isOnce || isJson ? [renderer] : [renderer, summary])
            {
                Once = isOnce,
                Discovery = discovery,
            };
            await loop.RunAsync(processes, over.Token);
            await over.CancelAsync();
            await unread;
            return stop.Asked.IsCompleted && loop.IsCutShort ? await SharedOptions.SayInterruptedAsync() : CommonExitCode.Success;
        });
        return command;
    }

    // The keyboard is read on until the program ends.
    private static void Cancel(CancellationTokenSource over)
    {
        try
        {
            over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended for another reason.
        }
    }

    // A pipe whose reader has gone (watch | head) ends it, also while there is nothing to write.
    private static async Task EndWhenUnreadAsync(CancellationTokenSource over)
    {
        try
        {
            await StandardStreams.Output.WaitUntilUnreadAsync(over.Token);
            await over.CancelAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // It has ended for another reason.
        }
    }
}
