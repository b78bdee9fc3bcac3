using System.Text.Json;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// Holds a JSON document against a JSON schema (draft 2020-12, the keywords that the project's schemas use). A keyword that it
/// does not know is an error: a schema cannot promise what is not checked.
/// </summary>
internal sealed class SchemaCheck(JsonElement schema)
{
    private readonly List<string> _faults = [];

    /// <summary>All that does not fit; empty when the document is valid.</summary>
    public static IReadOnlyList<string> Faults(string document, string schemaFile)
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(schemaFile));
        using JsonDocument parsed = JsonDocument.Parse(document);
        var check = new SchemaCheck(schema.RootElement);
        check.Check(parsed.RootElement, schema.RootElement, "$");
        return check._faults;
    }

    private void Check(JsonElement value, JsonElement rule, string at)
    {
        foreach (JsonProperty keyword in rule.EnumerateObject())
        {
            JsonElement wanted = keyword.Value;
            switch (keyword.Name)
            {
                case "$schema" or "$defs" or "title" or "description" or "properties":
                    break;
                case "$ref":
                    Check(value, Resolve(wanted.GetString()!), at);
                    break;
                case "type":
                    IEnumerable<string?> types = wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().Select(t => t.GetString()) : [wanted.GetString()];
                    Demand(types.Any(t => IsOf(value, t!)), $"{at} is of another type than {wanted}");
                    break;
                case "const":
                    Demand(JsonElement.DeepEquals(value, wanted), $"{at} is not {wanted}");
                    break;
                case "enum":
                    Demand(wanted.EnumerateArray().Any(w => JsonElement.DeepEquals(value, w)), $"{at} is {value}, and not among {wanted}");
                    break;
                case "format":
                    Demand(wanted.GetString() == "date-time" && value.TryGetDateTimeOffset(out _), $"{at} is no {wanted}");
                    break;
                case "minimum":
                    Demand(value.ValueKind != JsonValueKind.Number || value.GetDouble() >= wanted.GetDouble(), $"{at} is below {wanted}");
                    break;
                case "oneOf":
                    CheckOneOf(value, wanted, at);
                    break;
                case "items":
                    if (value.ValueKind != JsonValueKind.Array) break;
                    for (int i = 0; i < value.GetArrayLength(); i++) Check(value[i], wanted, $"{at}[{i}]");
                    break;
                case "required":
                    foreach (JsonElement name in wanted.EnumerateArray())
                        Demand(value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name.GetString()!, out _), $"{at}.{name} is missing");
                    break;
                case "additionalProperties":
                    CheckProperties(value, rule.GetProperty("properties"), at);
                    break;
                default:
                    throw new NotSupportedException($"The schema uses {keyword.Name} at {at}, which is not checked.");
            }
        }
    }

    private void CheckProperties(JsonElement value, JsonElement known, string at)
    {
        if (value.ValueKind != JsonValueKind.Object) return;
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (known.TryGetProperty(property.Name, out JsonElement rule)) Check(property.Value, rule, $"{at}.{property.Name}");
            else Demand(false, $"{at}.{property.Name} is not in the schema");
        }
    }

    private void CheckOneOf(JsonElement value, JsonElement choices, string at)
    {
        List<string>[] outcomes =
        [
            .. choices.EnumerateArray().Select(choice =>
            {
                var check = new SchemaCheck(schema);
                check.Check(value, choice, at);
                return check._faults;
            }),
        ];
        if (outcomes.Count(o => o.Count == 0) == 1) return;
        _faults.Add($"{at} fits {outcomes.Count(o => o.Count == 0)} of {outcomes.Length} choices: {string.Join("; ", outcomes.SelectMany(o => o))}");
    }

    private JsonElement Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(schema, (element, name) => element.GetProperty(name));

    private void Demand(bool holds, string fault)
    {
        if (!holds) _faults.Add(fault);
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new NotSupportedException(type),
    };
}
