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
    // Of one body, bytes: the most for so many at a time, and the least for all others (docs/limits.md).
    private const int MostKept = 1024 * 1024, LeastKept = 64 * 1024;
    private const int MostRoomy = 64;

    private const string NothingHere = "There is nothing here. Try /, /echo (POST) or /connection.\n";

    private static readonly object Seen = new();
    private static readonly byte[] Greeting = "Hello World"u8.ToArray();

    private readonly Places _roomy = new(MostRoomy);

    public async Task AnswerAsync(HttpContext context)
    {
        if (onFirst is not null && context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items.TryAdd(Seen, null))
            onFirst(ConnectionOf(context));
        bool isWhole = await TryRouteAsync(context) && !context.RequestAborted.IsCancellationRequested;
        if (isWhole) counters.Count(context.Response.StatusCode);
        else counters.CountCutOff();
        onAnswered?.Invoke(Describe(context, isWhole));
    }

    // What a peer does (it sends nonsense, goes away, or is too slow) is no fault of the application, and the end of its connection is
    // logged anyway. Kestrel would log each as an unhandled exception.
    private async Task<bool> TryRouteAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
            return true;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // What was begun cannot be ended as if it were whole.
            context.Abort();
            return false;
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

    private async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType ?? "application/octet-stream";
        context.Response.ContentLength = context.Request.ContentLength;
        PipeReader body = context.Request.BodyReader;
        PipeWriter answer = context.Response.BodyWriter;
        ReadResult first = await body.ReadAsync(context.RequestAborted);
        foreach (ReadOnlyMemory<byte> part in first.Buffer) answer.Write(part.Span);
        body.AdvanceTo(first.Buffer.End);
        ValueTask<FlushResult> flush = answer.FlushAsync(context.RequestAborted);
        if (first.IsCompleted)
        {
            await flush;
            return;
        }

        bool isRoomy = _roomy.TryTake();
        try
        {
            await EchoRestAsync(body, answer, flush, isRoomy ? MostKept : LeastKept, context.RequestAborted);
        }
        finally
        {
            if (isRoomy) _roomy.Release();
        }
    }

    /// <summary>
    /// Gives back the rest of a body while it comes. Many clients do not read before they have sent all of it: as long as they do not, a
    /// part of it is kept here.
    /// </summary>
    private static async Task EchoRestAsync(
        PipeReader body, PipeWriter answer, ValueTask<FlushResult> flush, int most, CancellationToken aborted)
    {
        var kept = new Pipe(new PipeOptions(pauseWriterThreshold: most, resumeWriterThreshold: most / 2, useSynchronizationContext: false));
        await Task.WhenAll(
            CompleteAfterAsync(body.CopyToAsync(kept.Writer, aborted), kept.Writer.CompleteAsync),
            CompleteAfterAsync(SendAsync(), kept.Reader.CompleteAsync));

        async Task SendAsync()
        {
            await flush;
            await kept.Reader.CopyToAsync(answer, aborted);
        }
    }

    // The other side of the pipe hears of a failure.
    private static async Task CompleteAfterAsync(Task copy, Func<Exception?, ValueTask> complete)
    {
        Exception? failure = null;
        try
        {
            await copy;
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            await complete(failure);
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

    private static string Describe(HttpContext context, bool isWhole)
    {
        string remote = $"{ConnectionOf(context).RemoteEndPoint}";
        HttpRequest request = context.Request;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{remote} {request.Method} {request.Path} {request.Protocol}: {context.Response.StatusCode}{(isWhole ? "" : ", cut off")}");
    }
}
