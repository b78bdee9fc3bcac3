using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Rounds into a file.</summary>
internal sealed class RecordingRenderer(RecordingWriter writer) : IRoundRenderer
{
    /// <summary>Samples written so far.</summary>
    public int Samples { get; private set; }

    public void Begin(RecordingHeader header) => writer.Write(header);

    public void Show(Round round)
    {
        foreach (ProcessDescription process in round.Met) writer.Write(process);
        foreach (Sample sample in round.Samples) writer.Write(sample);
        foreach (RecordingEvent happened in round.Events) writer.Write(happened);
        Samples += round.Samples.Count;
    }

    /// <inheritdoc cref="RecordingWriter.End"/>
    public long End() => writer.End();

    /// <summary>Deletes the file when it holds no sample: a recording that failed at its start is no obstacle to the next.</summary>
    public void DiscardIfEmpty()
    {
        if (Samples == 0) writer.Discard();
    }

    public ValueTask DisposeAsync()
    {
        writer.Dispose();
        return ValueTask.CompletedTask;
    }
}
