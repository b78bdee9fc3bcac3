using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Rounds as JSON lines, as a recording has them: for a program that reads them as they come.</summary>
internal sealed class JsonRenderer(TextWriter output) : IRoundRenderer
{
    public void Begin(RecordingHeader header) => output.WriteLine(JsonLines.Of(header));

    public void Show(Round round)
    {
        foreach (ProcessDescription process in round.Met) output.WriteLine(JsonLines.Of(process));
        foreach (Sample sample in round.Samples) output.WriteLine(JsonLines.Of(sample));
        foreach (RecordingEvent happened in round.Events) output.WriteLine(JsonLines.Of(happened));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
