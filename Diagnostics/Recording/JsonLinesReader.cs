using System.Globalization;
using System.Text.Json;

namespace RawEcho.Diagnostics.Recording;

/// <summary>Reads what <see cref="JsonLinesWriter"/> writes. Lines and members that it does not know are passed over.</summary>
internal static class JsonLinesReader
{
    /// <exception cref="RecordingFormatException">It is no recording.</exception>
    public static RecordingData Read(TextReader input)
    {
        RecordingHeader? header = null;
        var processes = new Dictionary<int, ProcessDescription>();
        List<Sample> samples = [];
        List<RecordingEvent> events = [];
        int? cutLine = null;
        for (int number = 1; input.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                JsonElement json = document.RootElement;
                string? type = Text(json, "type");
                if (header is null && type != "header") throw new RecordingFormatException($"Line {number} is no header of a recording.");
                switch (type)
                {
                    case "header": header ??= Header(json); break;
                    case "process": processes.TryAdd(json.GetProperty("pid").GetInt32(), Process(json)); break;
                    case "sample": samples.Add(Sample(json)); break;
                    case "event": events.Add(Event(json)); break;
                }
            }
            catch (JsonException) when (header is not null && input.Peek() < 0)
            {
                // The last line of a recording that was cut off: all before it is good.
                cutLine = number;
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new RecordingFormatException($"Line {number} is not of a recording: {e.Message}");
            }
        }

        if (header is null) throw new RecordingFormatException("It has no header.");
        return new RecordingData(header, [.. processes.Values], samples, events) { CutLine = cutLine };
    }

    private static RecordingHeader Header(JsonElement json)
    {
        if (Text(json, "schema") != RecordingHeader.Schema)
            throw new RecordingFormatException($"Its schema is not {RecordingHeader.Schema}.");
        int version = json.GetProperty("version").GetInt32();
        if (version > RecordingHeader.Version)
            throw new RecordingFormatException($"It is of version {version}, and this program reads up to {RecordingHeader.Version}.");
        Machine? machine = json.TryGetProperty("machine", out JsonElement m)
            ? new Machine(
                Required(m, "host"),
                Required(m, "system"),
                m.GetProperty("processors").GetInt32(),
                m.TryGetProperty("memory", out JsonElement memory) ? memory.GetInt64() : null)
            : null;
        return new RecordingHeader(
            Time(Text(json, "started")) ?? throw new FormatException("'started' is missing."),
            TimeSpan.FromSeconds(RecordedNumber.Seconds(json.GetProperty("interval").GetDouble())),
            machine,
            Text(json, "tool"));
    }

    private static ProcessDescription Process(JsonElement json) => new()
    {
        Seconds = Seconds(json),
        Pid = json.GetProperty("pid").GetInt32(),
        Name = Required(json, "name"),
        Description = Required(json, "description"),
        Role = Text(json, "role"),
        Runtime = Text(json, "runtime"),
        GcMode = Text(json, "gc"),
        User = Text(json, "user"),
        Started = Time(Text(json, "started")),
        CommandLine = Text(json, "command"),
    };

    private static Sample Sample(JsonElement json)
    {
        var values = new Dictionary<string, double>();
        foreach (JsonProperty value in json.GetProperty("values").EnumerateObject())
        {
            // Which of the two would count is anyone's guess.
            if (!values.TryAdd(value.Name, RecordedNumber.Value(value.Value.GetDouble())))
                throw new FormatException($"'{value.Name}' stands there twice.");
        }

        return new(Seconds(json), json.GetProperty("pid").GetInt32(), values);
    }

    private static RecordingEvent Event(JsonElement json) => new(
        Seconds(json),
        json.TryGetProperty("pid", out JsonElement pid) ? pid.GetInt32() : null,
        Required(json, "kind"),
        Required(json, "text"));

    private static double Seconds(JsonElement json) => RecordedNumber.Seconds(json.GetProperty("t").GetDouble());

    private static string Required(JsonElement json, string name) => Text(json, name) ?? throw new FormatException($"'{name}' is missing.");

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static DateTimeOffset? Time(string? text) =>
        text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
