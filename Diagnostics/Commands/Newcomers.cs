using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Commands;

/// <summary>
/// Attaches to processes while others are sampled, beside the sampling and to each process on its own: one that does not answer holds up
/// neither the samples nor the attaching to others.
/// </summary>
internal sealed class Newcomers(IDiscovery discovery, Sampler sampler)
{
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
        foreach (int pid in discovery.Candidates(busy)) _attaching[pid] = Task.Run(() => AttachAsync(pid, stop), CancellationToken.None);
        foreach (string note in discovery.NewNotes()) sampler.Tell(note);
    }

    private async Task<DiagnosticsException?> AttachAsync(int pid, CancellationToken stop)
    {
        try
        {
            DotNetProcess process = await ProcessProbe.RequireAsync(pid, stop);
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
