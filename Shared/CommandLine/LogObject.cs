using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>A line of a log as JSON: time, event, message, and what else is known of the event.</summary>
internal static class LogObject
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line, whatever a peer has put into it.</summary>
    /// <param name="time">When it happened.</param>
    /// <param name="message">The line as people read it, without the time.</param>
    /// <param name="facts">What has happened.</param>
    public static string Of(DateTimeOffset time, string message, LogFacts facts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
            json.WriteString("event", facts.Event);
            json.WriteString("message", PeerText.Clean(message));
            foreach ((string name, object? value) in facts.Values) Write(json, name, value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                json.WriteNumber(name, number);
                break;
            case IEnumerable<(string Name, long Count)> counts:
                json.WriteStartObject(name);
                foreach ((string kind, long count) in counts) json.WriteNumber(kind, count);
                json.WriteEndObject();
                break;
            default:
                json.WriteString(name, PeerText.Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty));
                break;
        }
    }
}
