using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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
[JsonSerializable(typeof(ResultHeader))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    // Error texts hold apostrophes and the like: this is no HTML.
    private static ResultJson Relaxed => field ??= new ResultJson(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>One line of JSON.</summary>
    public static string Write(RunResult result) => JsonSerializer.Serialize(result, Relaxed.RunResult);

    /// <inheritdoc cref="Write(RunResult)"/>
    public static string Write(HandshakeResult result) => JsonSerializer.Serialize(result, Relaxed.HandshakeResult);

    /// <inheritdoc cref="Write(RunResult)"/>
    public static string Write(MaxResult result) => JsonSerializer.Serialize(result, Relaxed.MaxResult);
}

/// <summary>What every result begins with, to know what it is before it is read.</summary>
internal sealed record ResultHeader(string? Format, int Version, string? Kind);
