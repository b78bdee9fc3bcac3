using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Sources;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The list of ps as one JSON array. What is not known is null, and of a number never 0.</summary>
internal static class ProcessJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>The array.</summary>
    public static string Of(IEnumerable<DotNetProcess> processes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (DotNetProcess process in processes) Write(json, process);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, DotNetProcess process)
    {
        var values = new SampleValues();
        ISampleSource source = OperatingSystem.IsLinux() ? new MemorySource(process.Pid) : new ProcessClassSource(process.Pid);
        source.Collect(values);
        ProcessDescription description = process.Description;
        json.WriteStartObject();
        json.WriteNumber("pid", process.Pid);
        json.WriteString("name", description.Name);
        json.WriteString("description", description.Description);
        json.WriteString("role", description.Role);
        json.WriteString("runtime", description.Runtime);
        json.WriteString("user", description.User);
        json.WriteString("started", description.Started?.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("command", description.CommandLine);
        Number(json, "threads", values[MetricCatalog.OsThreads]);
        Number(json, "privateBytes", values[MetricCatalog.Private]);
        Ports(json, ListeningPorts.Of(process.Pid));
        json.WriteBoolean("canAttach", process.Refusal is null);
        json.WriteString("refusal", process.Refusal?.Message);
        json.WriteEndObject();
    }

    // Unknown is not none.
    private static void Ports(Utf8JsonWriter json, IReadOnlyList<int>? ports)
    {
        json.WritePropertyName("listening");
        if (ports is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (int port in ports) json.WriteNumberValue(port);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
