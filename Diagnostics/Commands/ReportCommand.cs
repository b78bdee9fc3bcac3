using System.CommandLine;
using System.Text;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Report;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>rawecho-diagnostics report: a recording as one HTML page.</summary>
internal static class ReportCommand
{
    private const string StandardOutput = "-";

    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "A recording, as 'record' writes it: JSON lines or CSV",
            HelpName = "file",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Where to write the page; - is standard output. Default: the recording's name with .html, beside it",
            HelpName = "file",
        };
        file.Validators.Add(r =>
        {
            if (r.Tokens.Any(t => t.Value.Length == 0)) r.AddError("report takes the name of a recording, not ''");
        });
        output.Validators.Add(r =>
        {
            if (r.Tokens.Any(t => t.Value.Length == 0)) r.AddError("--output takes the name of a file, not ''");
        });
        const string description = "Make one HTML page of a recording, with charts and tables; it opens from disk and needs no network";
        var command = new Command("report", description) { file, output };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(output), parsed.InvocationConfiguration));
        return command;
    }

    private static int Run(string file, string? output, InvocationConfiguration console)
    {
        string target = output ?? Path.ChangeExtension(file, ".html");
        if (target != StandardOutput && Path.GetFullPath(target) == Path.GetFullPath(file))
            throw new DiagnosticsException(
                CommonExitCode.Usage, $"The page would overwrite the recording {file}: name another file with --output.");

        RecordingData recording = Read(file);
        if (recording.CutNote is { } note) console.Error.WriteLine(note);
        if (!recording.Samples.Any(s => recording.Processes.Any(p => p.Pid == s.Pid)))
            throw new DiagnosticsException(DiagnosticsExitCode.EmptyRecording, $"{file} holds no samples: there is nothing to show.");

        ReportPage page = RecordingPage.Of(recording, ThisMachine.Tool, DateTimeOffset.Now);
        if (target == StandardOutput)
        {
            console.Output.Write(page.ToHtml());
            return CommonExitCode.Success;
        }

        try
        {
            page.Save(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.Report, $"The page cannot be written: {e.Message}");
        }

        console.Output.WriteLine(
            $"Wrote {target}: {Count(recording.Processes.Count, "process", "es")}, {Count(recording.Samples.Count, "sample", "s")}.");
        return CommonExitCode.Success;
    }

    private static string Count(int count, string noun, string plural) => $"{count} {noun}{(count == 1 ? string.Empty : plural)}";

    private static RecordingData Read(string file)
    {
        try
        {
            return RecordingReader.Read(file);
        }
        catch (RecordingFormatException e)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.NotARecording, $"{file} is no recording of this program: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.File, $"There is no file {file}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new DiagnosticsException(DiagnosticsExitCode.File, $"{file} cannot be read: {e.Message}");
        }
    }
}
