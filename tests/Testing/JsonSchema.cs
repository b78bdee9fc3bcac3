using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RawEcho.Testing;

/// <summary>
/// Validates JSON against a subset of JSON Schema (draft 2020-12): $ref within the file, oneOf, type, const, enum, format (date-time),
/// required, properties, additionalProperties, items, minItems, maxItems, minimum, maximum. An unknown keyword fails the test.
/// </summary>
public sealed class JsonSchema
{
    private static readonly HashSet<string> Notes = ["$schema", "$defs", "title", "description", "$id"];
    private readonly JsonNode _root;

    private JsonSchema(JsonNode root) => _root = root;

    /// <summary>Reads a schema.</summary>
    public static JsonSchema Read(string file) => new(JsonNode.Parse(File.ReadAllText(file))!);

    /// <summary>Fails the test unless the value is valid.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void AssertValid(string json)
    {
        JsonNode? value = JsonNode.Parse(json);
        string? error = Check(_root, value, "$");
        if (error is not null) throw new InvalidDataException($"{error}{Environment.NewLine}{json}");
    }

    /// <summary>The first thing that is wrong; null for nothing.</summary>
    public string? Check(string json) => Check(_root, JsonNode.Parse(json), "$");

    private string? Check(JsonNode schema, JsonNode? value, string path) =>
        schema.AsObject().Select(k => Check(k.Key, k.Value!, schema, value, path)).FirstOrDefault(e => e is not null);

    private string? Check(string keyword, JsonNode wanted, JsonNode schema, JsonNode? value, string path) => keyword switch
    {
        _ when Notes.Contains(keyword) => null,
        "$ref" => Check(Resolve((string)wanted!), value, path),
        "oneOf" => CheckOneOf(wanted.AsArray(), value, path),
        "type" => Types(wanted).Any(t => IsOfType(value, t)) ? null : $"{path} is no {wanted.ToJsonString()}",
        "const" => JsonNode.DeepEquals(wanted, value) ? null : $"{path} is not {wanted.ToJsonString()}",
        "enum" => wanted.AsArray().Any(v => JsonNode.DeepEquals(v, value)) ? null : $"{path} is none of {wanted.ToJsonString()}",
        "format" => (string?)wanted == "date-time" && DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, out _)
            ? null
            : $"{path} is no {wanted}",
        "minimum" => value is not JsonValue || value.GetValueKind() != JsonValueKind.Number || (double)value >= (double)wanted
            ? null
            : $"{path} is below {wanted}",
        "maximum" => value is not JsonValue || value.GetValueKind() != JsonValueKind.Number || (double)value <= (double)wanted
            ? null
            : $"{path} is above {wanted}",
        "minItems" => value is not JsonArray few || few.Count >= (int)wanted ? null : $"{path} has less than {wanted} items",
        "maxItems" => value is not JsonArray many || many.Count <= (int)wanted ? null : $"{path} has more than {wanted} items",
        "items" => value is not JsonArray array
            ? null
            : array.Select((v, i) => Check(wanted, v, $"{path}[{i}]")).FirstOrDefault(e => e is not null),
        "required" => value is not JsonObject o
            ? null
            : wanted.AsArray().Select(n => (string)n!).Where(n => !o.ContainsKey(n)).Select(n => $"{path} lacks {n}").FirstOrDefault(),
        "properties" => value is not JsonObject o
            ? null
            : wanted.AsObject().Where(p => o.ContainsKey(p.Key))
                .Select(p => Check(p.Value!, o[p.Key], $"{path}.{p.Key}"))
                .FirstOrDefault(e => e is not null),
        "additionalProperties" => value is not JsonObject o
            ? null
            : o.Select(p => p.Key).Where(n => !schema["properties"]!.AsObject().ContainsKey(n))
                .Select(n => $"{path} has {n}, which the schema does not know")
                .FirstOrDefault(),
        _ => $"The schema has a keyword '{keyword}' that the test does not know",
    };

    private string? CheckOneOf(JsonArray choices, JsonNode? value, string path)
    {
        string?[] errors = [.. choices.Select(c => Check(c!, value, path))];
        return errors.Count(e => e is null) == 1 ? null : $"{path} is none of several: {string.Join("; ", errors)}";
    }

    private JsonNode Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(
            _root, (node, name) => node[name] ?? throw new InvalidOperationException($"{reference} does not exist."));

    private static IEnumerable<string> Types(JsonNode wanted) =>
        wanted is JsonArray several ? several.Select(t => (string)t!) : [(string)wanted!];

    private static bool IsOfType(JsonNode? value, string type) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) => true,
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger((double)value!),
        _ => false,
    };
}
