using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json.Serialization;

namespace RawEcho.Benchmarks.Http;

/// <summary>The answers whose bodies the load generator compares; the peer in Go gives the same ones.</summary>
internal static class Answers
{
    private static readonly byte[] Hello = "Hello World"u8.ToArray();
    private static readonly byte[] Download = [.. Enumerable.Range(0, 100 * 1024).Select(i => (byte)(i % 251))];

    public static async Task HelloAsync(HttpContext context) => await AnswerAsync(context, "text/plain", Hello);

    public static async Task DownloadAsync(HttpContext context) => await AnswerAsync(context, "application/octet-stream", Download);

    public static async Task UploadAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        long count = 0;
        while (true)
        {
            ReadResult result = await body.ReadAsync(context.RequestAborted);
            count += result.Buffer.Length;
            body.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        byte[] text = System.Text.Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture));
        await AnswerAsync(context, "text/plain", text);
    }

    private static async ValueTask AnswerAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body);
    }
}

/// <summary>The small object of the JSON answer.</summary>
internal sealed record Message(string Text);

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(Message))]
internal sealed partial class PeerJson : JsonSerializerContext;
