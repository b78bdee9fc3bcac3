using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RawEcho.Terminal;

namespace RawEcho.Client.Output;

/// <summary>A result as JSON with a line end, on standard output.</summary>
internal sealed class JsonResultWriter<TResult>(JsonTypeInfo<TResult> type) : IResultWriter<TResult>
{
    public void Write(TResult result) => StandardStreams.WriteResult(JsonSerializer.Serialize(result, type) + Environment.NewLine);
}
