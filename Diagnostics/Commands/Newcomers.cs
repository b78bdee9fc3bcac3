using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Commands;

/// <summary>
/// Attaches to processes while others are sampled, beside the sampling and to each process on its own: one that does not answer holds up
/// neither the samples nor the attaching to others.
/// </summary>
internal sealed class Newcomers(IDiscovery discovery, Sampler sampler)
{
    private static readonly TimeSpan LongestForOrder = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<int, Task<DiagnosticsException?>> _attaching = [];

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="DiagnosticsException">There is nothing to attach to, and nothing to wait for.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                Look(stop);
                await Task.Delay(discovery.Interval, stop);
            }
        }
        finally
        {
            // Whatever has just been attached to is the sampler's, which detaches.
            await Task.WhenAll(_attaching.Values).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Look(CancellationToken stop)
    {
        foreach ((int pid, Task<DiagnosticsException?> attaching) in _attaching.Where(a => a.Value.IsCompleted).ToArray())
        {
            _attaching.Remove(pid);
            if (attaching.Result is { } refusal) discovery.Refused(pid, refusal);
        }

        HashSet<int> busy = [.. sampler.KnownPids, .. _attaching.Keys];
        Task before = Task.CompletedTask;
        foreach (int pid in discovery.Candidates(busy))
        {
            Task earlier = before;
            before = _attaching[pid] = Task.Run(() => AttachAsync(pid, earlier, stop), CancellationToken.None);
        }

        foreach (string note in discovery.NewNotes()) sampler.Tell(note);
    }

    // What was found at the same time is shown in the order of the candidates, unless the earlier one keeps the others waiting.
    private async Task<DiagnosticsException?> AttachAsync(int pid, Task earlier, CancellationToken stop)
    {
        try
        {
            DotNetProcess process = await ProcessProbe.RequireAsync(pid, stop);
            await Task.WhenAny(earlier, Task.Delay(LongestForOrder, stop));
            await sampler.AttachAsync([process], stop);
            discovery.Attached(process);
            return null;
        }
        catch (DiagnosticsException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
