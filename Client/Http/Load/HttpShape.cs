namespace RawEcho.Client.Http.Load;

/// <summary>What the requests of a load are like.</summary>
internal sealed record HttpShape
{
    public required RequestTemplate Request { get; init; }

    /// <summary>Requests carry a body, as long as the sizes of the load say.</summary>
    public required bool HasBody { get; init; }

    /// <summary>One connection serves one request after the other; otherwise each request has its own.</summary>
    public required bool KeepAlive { get; init; }
}
