using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.AspNetCore;

namespace RawEcho.Server.Http;

/// <summary>Answers the requests of <c>--http</c>: GET /, POST /echo, GET /connection. Runs on the event loops, and blocks none.</summary>
/// <param name="tls">What the server's certificates and rules are now.</param>
/// <param name="counters">Counts the answers.</param>
/// <param name="onFirst">Is told of each connection with its first request; null for nobody.</param>
/// <param name="onAnswered">Is told of each request and its answer; null for nobody.</param>
internal sealed class HttpRequests(
    Func<TlsMaterial> tls, HttpCounters counters, Action<Connection>? onFirst, Action<string>? onAnswered)
{
    // Of one body, bytes: docs/limits.md.
    private const int MostKept = 1024 * 1024;

    private const string NothingHere = "There is nothing here. Try /, /echo (POST) or /connection.\n";

    private static readonly object Seen = new();
    private static readonly byte[] Greeting = "Hello World"u8.ToArray();

    public async Task AnswerAsync(HttpContext context)
    {
        if (onFirst is not null && context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items.TryAdd(Seen, null))
            onFirst(ConnectionOf(context));
        try
        {
            await RouteAsync(context);
        }
        finally
        {
            counters.Count(context.Response.StatusCode);
            onAnswered?.Invoke(Describe(context));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        bool isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return request.Path.Value switch
        {
            "/" => isRead ? GreetAsync(context.Response) : RefuseMethodAsync(context.Response, "GET, HEAD"),
            "/connection" => isRead ? DescribeAsync(context) : RefuseMethodAsync(context.Response, "GET, HEAD"),
            "/echo" => HttpMethods.IsPost(request.Method) ? EchoAsync(context) : RefuseMethodAsync(context.Response, "POST"),
            _ => RefuseAsync(context.Response, StatusCodes.Status404NotFound, NothingHere),
        };
    }

    private static Task GreetAsync(HttpResponse response)
    {
        response.ContentType = "text/plain";
        response.ContentLength = Greeting.Length;
        return response.Body.WriteAsync(Greeting).AsTask();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType ?? "application/octet-stream";
        context.Response.ContentLength = context.Request.ContentLength;
        PipeReader body = context.Request.BodyReader;
        PipeWriter answer = context.Response.BodyWriter;
        ReadResult first = await body.ReadAsync(context.RequestAborted);
        foreach (ReadOnlyMemory<byte> part in first.Buffer) answer.Write(part.Span);
        body.AdvanceTo(first.Buffer.End);
        ValueTask<FlushResult> flush = answer.FlushAsync(context.RequestAborted);
        if (first.IsCompleted) await flush;
        else await EchoRestAsync(body, answer, flush, context.RequestAborted);
    }

    /// <summary>
    /// Gives back the rest of a body while it comes. Many clients do not read before they have sent all of it: as long as they do not, a
    /// part of it is kept here.
    /// </summary>
    private static async Task EchoRestAsync(
        PipeReader body, PipeWriter answer, ValueTask<FlushResult> flush, CancellationToken aborted)
    {
        var kept = new Pipe(new PipeOptions(
            pauseWriterThreshold: MostKept, resumeWriterThreshold: MostKept / 2, useSynchronizationContext: false));
        await Task.WhenAll(ReceiveAsync(), SendAsync());

        async Task ReceiveAsync()
        {
            Exception? failure = null;
            try
            {
                await body.CopyToAsync(kept.Writer, aborted);
            }
            catch (Exception e)
            {
                failure = e;
                throw;
            }
            finally
            {
                await kept.Writer.CompleteAsync(failure);
            }
        }

        async Task SendAsync()
        {
            Exception? failure = null;
            try
            {
                await flush;
                await kept.Reader.CopyToAsync(answer, aborted);
            }
            catch (Exception e)
            {
                failure = e;
                throw;
            }
            finally
            {
                await kept.Reader.CompleteAsync(failure);
            }
        }
    }

    private async Task DescribeAsync(HttpContext context)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ConnectionReport report = ConnectionReport.Of(context, ConnectionOf(context), tls(), now);
        bool isBrowser = context.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);
        byte[] content = isBrowser
            ? Encoding.UTF8.GetBytes(ConnectionPage.ToHtml(report, now))
            : JsonSerializer.SerializeToUtf8Bytes(report, ConnectionReportJson.Default.ConnectionReport);
        context.Response.ContentType = isBrowser ? "text/html; charset=utf-8" : "application/json";
        context.Response.Headers.Vary = "Accept";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content);
    }

    private static Task RefuseMethodAsync(HttpResponse response, string allowed)
    {
        response.Headers.Allow = allowed;
        return RefuseAsync(response, StatusCodes.Status405MethodNotAllowed, $"Allowed here: {allowed}.\n");
    }

    private static Task RefuseAsync(HttpResponse response, int status, string sentence)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(sentence);
    }

    private static Connection ConnectionOf(HttpContext context) =>
        context.Features.GetRequiredFeature<IEngineConnectionFeature>().Connection;

    private static string Describe(HttpContext context)
    {
        string remote = $"{ConnectionOf(context).RemoteEndPoint}";
        HttpRequest request = context.Request;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{remote} {request.Method} {request.Path} {request.Protocol}: {context.Response.StatusCode}");
    }
}
