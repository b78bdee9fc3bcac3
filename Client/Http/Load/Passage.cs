namespace RawEcho.Client.Http.Load;

/// <summary>How the requests over one connection ended.</summary>
internal enum PassageEnd
{
    /// <summary>There is nothing more to send.</summary>
    Done,

    /// <summary>There is more, and it needs another connection.</summary>
    UsedUp,

    /// <summary>A request failed, or its response was not what it must be.</summary>
    Failed,
}

/// <summary>The requests that go over one connection. Its members are used under the lock of their <see cref="RequestLoop"/>.</summary>
/// <param name="exchange">The connection.</param>
/// <param name="connectStartedAt">When its TCP connect began, ticks of Stopwatch.</param>
/// <param name="connectTime">How long connecting and shaking hands took where the load had not begun yet, ticks; otherwise 0.</param>
internal sealed class Passage(HttpExchange exchange, long connectStartedAt, long connectTime)
{
    private readonly TaskCompletionSource<PassageEnd> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HttpExchange Exchange => exchange;

    public long ConnectStartedAt => connectStartedAt;

    public long ConnectTime => connectTime;

    /// <summary>Completes when nothing is in flight any more, and nothing more will be.</summary>
    public Task<PassageEnd> Over => _over.Task;

    /// <summary>Requests in flight, count.</summary>
    public int InFlight { get; set; }

    /// <summary>Requests that were begun on this connection, count.</summary>
    public long Begun { get; set; }

    /// <summary>A whole response has come.</summary>
    public bool HasServed { get; set; }

    /// <summary>What System.Net.Http said of the first request that failed; null for none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>What was wrong with a response; null for nothing.</summary>
    public string? Mismatch { get; private set; }

    public bool HasFailed => Failure is not null || Mismatch is not null;

    public void Fail(Exception failure) => Failure ??= failure;

    public void Fail(string mismatch) => Mismatch ??= mismatch;

    public void End(PassageEnd end) => _over.TrySetResult(end);
}
