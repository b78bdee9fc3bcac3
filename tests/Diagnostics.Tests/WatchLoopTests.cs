using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Commands;
using RawEcho.Diagnostics.Sampling.Settings;
using RawEcho.Testing;

namespace RawEcho.Diagnostics.Tests;

/// <summary>The loop of watch and record, and what may be over before its next tick.</summary>
public sealed class WatchLoopTests
{
    [Fact]
    public async Task The_end_of_the_discovery_by_a_stop_ends_no_round_and_breaks_nothing()
    {
        using var stop = new CancellationTokenSource();
        var settings = new SamplingSettings(TimeSpan.FromMilliseconds(50), SamplingSettings.DefaultMaxTimeSeries);
        // It stops a while before the loop hears of the stop, which is a moment in a program.
        var loop = new WatchLoop(settings, Timeout.InfiniteTimeSpan, []) { Discovery = new StoppedDiscovery() };
        Task running = loop.RunAsync([], stop.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.False(running.IsCompleted, $"{running.Exception}");
        await stop.CancelAsync();
        await running.WithinLimit();
    }

    private sealed class StoppedDiscovery : IDiscovery
    {
        public TimeSpan Interval => TimeSpan.FromMilliseconds(10);

        public IReadOnlyList<int> Candidates(IReadOnlySet<int> busy) => throw new OperationCanceledException();

        public void Attached(DotNetProcess process)
        {
        }

        public void Refused(int pid, DiagnosticsException refusal)
        {
        }

        public IReadOnlyList<string> NewNotes() => [];
    }
}
