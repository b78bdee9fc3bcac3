using System.Diagnostics;
using RawEcho.Client.Targets;
using RawEcho.Engine;

namespace RawEcho.Client.Http;

/// <summary>One request without a body over a connection of its own, and what came of it.</summary>
internal sealed class SingleRequest
{
    private SingleRequest(HttpExchange exchange) => Exchange = exchange;

    /// <summary>The connection; to be closed when the request is over.</summary>
    public HttpExchange Exchange { get; }

    /// <summary>The status; null when there was no whole response.</summary>
    public int? Status { get; private set; }

    /// <summary>The version of HTTP in the response.</summary>
    public Version? Version { get; private set; }

    /// <summary>What software the server says it is; null when it does not.</summary>
    public string? Server { get; private set; }

    /// <summary>Bytes of the body.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>When the response was complete, ticks of Stopwatch.</summary>
    public long CompletedAt { get; private set; }

    /// <summary>Why there is no whole response; null when there is one.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Sends the request and reads the response.</summary>
    /// <param name="connection">Open, its handshake complete.</param>
    /// <param name="url">Where the request goes.</param>
    /// <param name="template">What it is like.</param>
    /// <param name="giveUp">Gives up: then there is no response.</param>
    public static async Task<SingleRequest> RunAsync(
        Connection connection, HttpUrl url, RequestTemplate template, CancellationToken giveUp = default)
    {
        var single = new SingleRequest(new HttpExchange(connection, largestBody: 0));
        try
        {
            await single.RunAsync(url, template, giveUp);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            single.Failure = e;
        }

        return single;
    }

    private async Task RunAsync(HttpUrl url, RequestTemplate template, CancellationToken giveUp)
    {
        using HttpRequestMessage request = template.Create(url);
        using HttpResponseMessage response = await Exchange.SendAsync(request, giveUp);
        await using Stream body = await response.Content.ReadAsStreamAsync(giveUp);
        byte[] buffer = new byte[4096];
        for (int read; (read = await body.ReadAsync(buffer, giveUp)) > 0; BodyBytes += read)
        {
        }

        CompletedAt = Stopwatch.GetTimestamp();
        Version = response.Version;
        Server = response.Headers.NonValidated.TryGetValues("Server", out var values) ? values.ToString() : null;
        Status = (int)response.StatusCode;
    }
}
