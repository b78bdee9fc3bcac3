using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Browser;

/// <summary>
/// The few things of the Chrome DevTools Protocol that the tests need: a command and its answer, and events
/// (https://chromedevtools.github.io/devtools-protocol/).
/// </summary>
internal sealed class DevTools : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = new();
    private Task _reading = Task.CompletedTask;
    private int _lastId;

    /// <summary>Each event: its session, its name and its parameters. Called one at a time, in order.</summary>
    public event Action<string?, string, JsonNode>? Happened;

    public async Task ConnectAsync(Uri address)
    {
        await _socket.ConnectAsync(address, _closing.Token).WithinLimit();
        _reading = ReadAsync();
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <exception cref="InvalidOperationException">The browser refused it.</exception>
    public async Task<JsonNode> CallAsync(string method, object? parameters = null, string? session = null)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        var command = new JsonObject
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }),
        };
        if (session is not null) command["sessionId"] = session;
        await _sending.WaitAsync().WithinLimit();
        try
        {
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(command);
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, _closing.Token).WithinLimit();
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WithinLimit();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _closing.Dispose();
    }

    private async Task ReadAsync()
    {
        var message = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                WebSocketReceiveResult part = await _socket.ReceiveAsync(buffer, _closing.Token);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!);
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The browser is gone, or about to be: whoever waits is told below.
        }

        foreach (TaskCompletionSource<JsonNode> answer in _waiting.Values)
            answer.TrySetException(new InvalidOperationException("The browser is gone."));
    }

    private void Take(JsonNode message)
    {
        if (message["id"] is { } id)
        {
            if (!_waiting.TryRemove(id.GetValue<int>(), out TaskCompletionSource<JsonNode>? answer)) return;
            if (message["error"] is { } error)
                answer.SetException(new InvalidOperationException($"The browser refused: {error.ToJsonString()}"));
            else answer.SetResult(message["result"]!);
        }
        else
        {
            Happened?.Invoke(
                message["sessionId"]?.GetValue<string>(), message["method"]!.GetValue<string>(), message["params"] ?? new JsonObject());
        }
    }
}
