using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RawEcho.Client.Results;

/// <summary>Results as JSON. See docs/result.schema.json.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(HandshakeResult))]
[JsonSerializable(typeof(MaxResult))]
[JsonSerializable(typeof(RepeatResult))]
[JsonSerializable(typeof(ComparisonResult))]
[JsonSerializable(typeof(SettingsLine))]
[JsonSerializable(typeof(IntervalLine))]
[JsonSerializable(typeof(ResultHeader))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    // Error texts hold apostrophes and the like: this is no HTML.
    private static ResultJson Relaxed => field ??=
        new ResultJson(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>How a kind of result becomes one line of JSON.</summary>
    public static JsonTypeInfo<TResult> TypeOf<TResult>() => (JsonTypeInfo<TResult>)Relaxed.GetTypeInfo(typeof(TResult))!;

    /// <summary>One line of JSON.</summary>
    public static string Write<TResult>(TResult result) => JsonSerializer.Serialize(result, TypeOf<TResult>());
}

/// <summary>What every result begins with, to know what it is before it is read.</summary>
internal sealed record ResultHeader(string? Format, int Version, string? Kind);
