using Codes = RawEcho.CommandLine.ExitCode;

namespace RawEcho.Client;

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
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first failure.</summary>
    public Task First => _first.Task;

    /// <summary>How many clients failed.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return _byKind.Values.Sum(f => f.Count);
        }
    }

    /// <summary>Success, or the gravest of what went wrong.</summary>
    public int ExitCode
    {
        get
        {
            lock (_lock) return Gravity.FirstOrDefault(code => _byKind.Values.Any(f => f.First.ExitCode == code), Codes.Success);
        }
    }

    public void Add(ClientFailure failure)
    {
        lock (_lock)
        {
            bool known = _byKind.TryGetValue(failure.Kind, out (ClientFailure First, long Count) entry);
            _byKind[failure.Kind] = known ? (entry.First, entry.Count + 1) : (failure, 1);
        }

        _first.TrySetResult();
    }

    /// <summary>Says each kind once, with its count and its first example.</summary>
    public void WriteTo(TextWriter output)
    {
        lock (_lock)
        {
            foreach ((string kind, (ClientFailure first, long count)) in _byKind)
                output.WriteLine($"rawecho-client: {count} {(count == 1 ? "client" : "clients")}: {kind}. {first.Detail}");
        }
    }
}
