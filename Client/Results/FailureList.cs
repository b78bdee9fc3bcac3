using RawEcho.Client.Load;
using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client.Results;

/// <summary>All that went wrong, counted by kind, with the first example of each and the clients it happened to.</summary>
internal sealed class FailureList
{
    // The gravest first: what a script is told when several things went wrong.
    private static readonly int[] Gravity =
    [
        Codes.Defect, Codes.Mismatch, Codes.ConnectionLost, Codes.TlsRefused, Codes.Network, Codes.ServerClosed,
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kind> _byKind = [];
    private readonly HashSet<int> _deciding = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count;

    /// <summary>Completes with the first failure that decides.</summary>
    public Task First => _first.Task;

    /// <summary>How many failures there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Success, or the gravest of what went wrong.</summary>
    public int ExitCode
    {
        get
        {
            lock (_lock) return Gravity.FirstOrDefault(_deciding.Contains, Codes.Success);
        }
    }

    /// <summary>Counts a failure that the run has failed by.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="client">Number of the client that it happened to, from 0.</param>
    public void Add(ClientFailure failure, int client)
    {
        AddMended(failure, client);
        Decide(failure);
    }

    /// <summary>Counts a failure that is made good: the connection is to be replaced.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="client">Number of the client that it happened to, from 0.</param>
    public void AddMended(ClientFailure failure, int client)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            if (!_byKind.TryGetValue(failure.Kind, out Kind? kind)) _byKind[failure.Kind] = kind = new Kind(failure);
            kind.Count++;
            kind.Clients.Add(client);
        }
    }

    /// <summary>Says of a failure that was counted before that it was not made good.</summary>
    public void Decide(ClientFailure failure)
    {
        lock (_lock) _deciding.Add(failure.ExitCode);
        _first.TrySetResult();
    }

    /// <summary>Each kind once, with its count and its first example.</summary>
    public IReadOnlyList<ErrorResult> ToResults()
    {
        lock (_lock) return [.. _byKind.Values.Select(k => k.ToResult())];
    }

    private sealed class Kind(ClientFailure first)
    {
        public long Count { get; set; }

        public HashSet<int> Clients { get; } = [];

        public ErrorResult ToResult() => new(first.Kind, Count, first.Detail, first.ExitCode) { Clients = Clients.Count };
    }
}
