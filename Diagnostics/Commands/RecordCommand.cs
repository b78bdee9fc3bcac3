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
            RawEchoDiscovery? discovery = options.Discovery(parsed);
            string file = parsed.GetValue(output)!;
            await using var recording = new RecordingRenderer(Open(file, parsed.GetValue(force)));
            var summary = new SummaryRenderer(Console.Out, options.ShownGroups(parsed));
            bool isQuiet = parsed.GetValue(quiet);
            await using ChildProgram? child = started.Count > 0 ? ChildProgram.Start(started) : null;
            if (child is null && words.Length == 0 && !isQuiet)
            {
                await Console.Error.WriteLineAsync(
                    parsed.GetValue(options.All)
                        ? "Recording every RawEcho process, those that are there and those to come. Ctrl-C to stop."
                        : "Recording one RawEcho server and one client, those that are there or the first to come. Ctrl-C to stop.");
            }

            var loop = new WatchLoop(
                options.Sampling(parsed), parsed.GetValue(options.Duration).Value, isQuiet ? [recording] : [recording, summary])
            {
                Discovery = child is null ? discovery : new FamilyDiscovery(child),
                Ended = child?.Ended,
            };
            // A program of ours is recorded to its end, so it is the one to be stopped, and not the recording.
            using CancellationTokenRegistration passedOn = stop.Token.Register(() => child?.Stop(stop.Signal));
            await loop.RunAsync(processes, child is null ? stop.Token : CancellationToken.None);
            if (child is { Ended.IsCompleted: false }) child.Stop(null);
            long unwritten = recording.End();
            if (!isQuiet) await summary.DisposeAsync();
            if (unwritten > 0) Say(FormattableString.Invariant($"{file} lacks {unwritten} lines: it could not be written."));
            else if (!isQuiet) await Console.Error.WriteLineAsync(FormattableString.Invariant($"{recording.Samples} samples in {file}."));
            int code = child is null ? CommonExitCode.Success : await child.EndAsync();
            return code == CommonExitCode.Success && unwritten > 0 ? DiagnosticsExitCode.File : code;
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
