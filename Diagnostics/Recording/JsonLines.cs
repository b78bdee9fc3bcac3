using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawEcho.Diagnostics.Recording;

/// <summary>The lines of a recording in JSON (docs/diagnostics.md, "The recording"): one object a line, told apart by "type".</summary>
internal static class JsonLines
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(RecordingHeader header) => Line("header", json =>
    {
        json.WriteString("schema", RecordingHeader.Schema);
        json.WriteNumber("version", RecordingHeader.Version);
        json.WriteString("started", header.Started.ToString("O", CultureInfo.InvariantCulture));
        json.WriteNumber("interval", header.Interval.TotalSeconds);
        Optional(json, "tool", header.Tool);
        if (header.Machine is not { } machine) return;
        json.WriteStartObject("machine");
        json.WriteString("host", machine.Host);
        json.WriteString("system", machine.System);
        json.WriteNumber("processors", machine.Processors);
        if (machine.MemoryBytes is { } memory) json.WriteNumber("memory", memory);
        json.WriteEndObject();
    });

    public static string Of(ProcessDescription process) => Line("process", json =>
    {
        json.WriteNumber("t", process.Seconds);
        json.WriteNumber("pid", process.Pid);
        json.WriteString("name", process.Name);
        json.WriteString("description", process.Description);
        Optional(json, "role", process.Role);
        Optional(json, "runtime", process.Runtime);
        Optional(json, "gc", process.GcMode);
        Optional(json, "user", process.User);
        Optional(json, "started", process.Started?.ToString("O", CultureInfo.InvariantCulture));
        Optional(json, "command", process.CommandLine);
    });

    public static string Of(Sample sample) => Line("sample", json =>
    {
        json.WriteNumber("t", sample.Seconds);
        json.WriteNumber("pid", sample.Pid);
        json.WriteStartObject("values");
        foreach ((string name, double value) in sample.Values)
        {
            if (double.IsFinite(value)) json.WriteNumber(name, value);
        }

        json.WriteEndObject();
    });

    public static string Of(RecordingEvent happened) => Line("event", json =>
    {
        json.WriteNumber("t", happened.Seconds);
        if (happened.Pid is { } pid) json.WriteNumber("pid", pid);
        json.WriteString("kind", happened.Kind);
        json.WriteString("text", happened.Text);
    });

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    private static string Line(string type, Action<Utf8JsonWriter> content)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
