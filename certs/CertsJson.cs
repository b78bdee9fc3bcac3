using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawEcho.Certs;

/// <summary>
/// What this program writes for programs. Names in certificates stand in it as they are; characters that could steer a terminal or reorder
/// its text are escaped, which changes nothing for a reader of JSON.
/// </summary>
internal static class CertsJson
{
    private static readonly CertsJsonContext Context = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // For a terminal or a program, not for a web page: "+" and "'" may stay as they are.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(ListedCertificate[] all) => Escape(JsonSerializer.Serialize(all, Context.ListedCertificateArray));

    public static string Of(ShownItem[] all) => Escape(JsonSerializer.Serialize(all, Context.ShownItemArray));

    public static string Of(CheckReport report) => Escape(JsonSerializer.Serialize(report, Context.CheckReport));

    // Outside of strings, JSON has no such characters but the ends of its lines.
    private static string Escape(string json)
    {
        var safe = new StringBuilder(json.Length);
        foreach (char c in json)
        {
            bool isSteering = c is not ('\n' or '\r') && char.GetUnicodeCategory(c)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (isSteering) safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else safe.Append(c);
        }

        return safe.ToString();
    }
}

[JsonSerializable(typeof(ListedCertificate[]))]
[JsonSerializable(typeof(ShownItem[]))]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class CertsJsonContext : JsonSerializerContext;
