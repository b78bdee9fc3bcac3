namespace RawEcho.Diagnostics.Recording;

/// <summary>A recording as JSON lines in a file.</summary>
internal sealed class JsonLinesWriter(RecordingFile output) : RecordingWriter(output)
{
    public override void Write(RecordingHeader header) => Output.WriteLine(JsonLines.Of(header));

    public override void Write(ProcessDescription process) => Output.WriteLine(JsonLines.Of(process));

    public override void Write(Sample sample) => Output.WriteLine(JsonLines.Of(sample));

    public override void Write(RecordingEvent happened) => Output.WriteLine(JsonLines.Of(happened));
}
