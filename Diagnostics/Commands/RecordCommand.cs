using System.CommandLine;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>record: the same samples into a file.</summary>
internal static class RecordCommand
{
    /// <param name="started">The words behind "--": a program to start and to record; empty for none.</param>
    public static Command Create(IReadOnlyList<string> started)
    {
        var options = new SharedOptions();
        var output = new Option<string?>("--output", "-o")
        {
            Description = $"The file: {RecordingWriter.Endings}",
            HelpName = "file",
            Required = true,
            CustomParser = r =>
            {
                string word = r.Tokens[^1].Value;
                if (!RecordingWriter.Knows(word)) r.AddError($"--output takes a file that ends in {RecordingWriter.Endings}, not '{word}'");
                return word;
            },
        };
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists" };
        var quiet = new Option<bool>("--quiet") { Description = "Say nothing at the end: no table, no count of samples" };
        var command = new Command(
            "record",
            "Record processes to a file until Ctrl-C; "
            + "-- COMMAND [ARGUMENTS] starts a program and records it from its first moment to its end");
        options.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(force);
        command.Options.Add(quiet);
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new StopSignal();
            string[] words = parsed.GetValue(options.Processes) ?? [];
            IReadOnlyList<DotNetProcess> processes = await ProcessFinder.NamedAsync(words, stop.Token);
            string file = parsed.GetValue(output)!;
            await using var recording = new RecordingRenderer(Open(file, parsed.GetValue(force)));
            bool isQuiet = parsed.GetValue(quiet);
            SummaryRenderer? summary = isQuiet ? null : new SummaryRenderer(Console.Out, options.ShownGroups(parsed));
            var run = new RecordingRun(file, recording, isQuiet);
            try
            {
                await using ChildProgram? child = started.Count > 0 ? ChildProgram.Start(started) : null;
                IDiscovery? discovery = child is not null ? new FamilyDiscovery(child) : options.Discovery(parsed);
                if (child is null && words.Length == 0) run.SayWhat(parsed.GetValue(options.All));
                var loop = new WatchLoop(
                    options.Sampling(parsed), parsed.GetValue(options.Duration).Value, summary is null ? [recording] : [recording, summary])
                {
                    Discovery = discovery,
                    Ended = child?.Ended,
                };
                return await run.RunAsync(loop, processes, child, summary, stop);
            }
            catch (DiagnosticsException)
            {
                recording.DiscardIfEmpty();
                throw;
            }
        });
        return command;
    }

    private static void Say(string problem) => StandardStreams.WriteErrorLine($"{DiagnosticsCommand.Name}: {problem}");

    private static RecordingWriter Open(string file, bool force)
    {
        try
        {
            return RecordingWriter.Create(file, Say, force);
        }
        catch (IOException) when (!force && File.Exists(file))
        {
            throw new DiagnosticsException(DiagnosticsExitCode.File, $"{file} exists already: name another file, or use --force.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.File, $"{file} cannot be written: {e.Message.TrimEnd('.')}.");
        }
    }
}
