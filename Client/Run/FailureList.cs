using RawEcho.Client.Load;
using RawEcho.Client.Results;
using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client.Run;

/// <summary>All that went wrong, counted by kind, with the first example of each.</summary>
internal sealed class FailureList
{
    // The gravest first: what a script is told when several things went wrong.
    private static readonly int[] Gravity =
    [
        Codes.Defect, Codes.Mismatch, Codes.ConnectionLost, Codes.TlsRefused, Codes.Network, Codes.ServerClosed,
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ClientFailure First, long Count)> _byKind = [];
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
    public void Add(ClientFailure failure)
    {
        AddMended(failure);
        Decide(failure);
    }

    /// <summary>Counts a failure that is made good: the connection is to be replaced.</summary>
    public void AddMended(ClientFailure failure)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            bool known = _byKind.TryGetValue(failure.Kind, out (ClientFailure First, long Count) entry);
            _byKind[failure.Kind] = known ? (entry.First, entry.Count + 1) : (failure, 1);
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
        lock (_lock) return [.. _byKind.Values.Select(f => new ErrorResult(f.First.Kind, f.Count, f.First.Detail, f.First.ExitCode))];
    }
}
