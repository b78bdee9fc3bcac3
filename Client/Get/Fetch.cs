using RawEcho.Client.Http;
using RawEcho.Client.Load;
using RawEcho.CommandLine;
using RawEcho.Engine;

namespace RawEcho.Client.Get;

/// <summary>One request over one connection, and what came of it.</summary>
/// <param name="settings">What was asked for.</param>
/// <param name="stop">Cancelled when the user wants no more.</param>
internal sealed class Fetch(GetSettings settings, CancellationToken stop) : IConnectionHandler
{
    private const int BufferBytes = 64 * 1024;

    private HttpExchange? _exchange;
    private Exception? _thrown;
    private ClientFailure? _refused;
    private long _received;
    private long? _announced;

    /// <summary>The status; null while there is no response.</summary>
    public int? Status { get; private set; }

    /// <summary>The whole body has come and was written.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>A file or standard output takes no more: no fault of the connection.</summary>
    public CommandException? Unwritten { get; private set; }

    /// <summary>What of the body a terminal was not shown, count of characters.</summary>
    public long Replaced { get; private set; }

    public async Task HandleAsync(Connection connection)
    {
        if (_refused is not null || (_refused = HttpFailure.OfNegotiation(connection, settings.Request.Http)) is not null) return;
        _exchange = new HttpExchange(connection, settings.Body?.Length ?? 0);
        try
        {
            await RunAsync(_exchange);
        }
        catch (CommandException e)
        {
            Unwritten = e;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            _thrown = e;
        }

        await _exchange.CloseAsync();
    }

    /// <summary>Why there is no whole response.</summary>
    /// <param name="end">How the connection ended.</param>
    public ClientFailure Explain(ConnectionEnd end)
    {
        if (_refused is not null) return _refused;
        if (end.Reason is CloseReason.IdleTimeout or CloseReason.WriteTimeout)
        {
            string time = FormattableString.Invariant($"{settings.ResponseTimeout.TotalSeconds:0.###} s");
            return new(ExitCode.ConnectionLost, "no response", $"No data moved for {time} (--response-timeout).");
        }

        ClientFailure failure = HttpFailure.Of(_thrown, _exchange, end, settings.Targets.Tls.Level);
        if (Status is null || failure.ExitCode != ExitCode.ConnectionLost) return failure;
        string of = _announced is { } all ? $" of {all}" : "";
        return failure with { Detail = $"{failure.Detail} {_received}{of} bytes of the body had come." };
    }

    private async Task RunAsync(HttpExchange exchange)
    {
        // Before the request: what cannot be kept is not asked for.
        using BodyTarget target = settings.Output is { } file ? new FileBody(file) : new ConsoleBody(!Console.IsOutputRedirected);
        using HttpRequestMessage request = settings.Request.Create(settings.Url, settings.Body);
        using HttpResponseMessage response = await exchange.SendAsync(request, stop);
        Status = (int)response.StatusCode;
        _announced = response.Content.Headers.ContentLength;
        WriteHead(response);
        await using Stream body = await response.Content.ReadAsStreamAsync(stop);
        byte[] buffer = new byte[BufferBytes];
        for (int read; !target.IsUnread && (read = await body.ReadAsync(buffer, stop)) > 0; _received += read)
            target.Write(buffer.AsSpan(0, read));
        target.Complete();
        Replaced = (target as ConsoleBody)?.Replaced ?? 0;
        IsComplete = true;
    }

    private void WriteHead(HttpResponseMessage response)
    {
        if (!settings.Quiet) Console.Out.WriteLine(ResponseHead.StatusLine(response));
        if (settings.Include) Console.Out.Write(ResponseHead.Headers(response));
        if (settings is { Include: true, Output: null }) Console.Out.WriteLine();
    }
}
