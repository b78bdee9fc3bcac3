using System.Globalization;
using RawEcho.Commands;

namespace RawEcho.Client.Load;

/// <summary>The stages of an open loop, as --stages takes them.</summary>
internal sealed class RateStages
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private RateStages(IReadOnlyList<RateStage> all)
    {
        All = all;
        Time = all.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Time);
        Curve = RateCurve.Of(all);
    }

    /// <summary>In their order.</summary>
    public IReadOnlyList<RateStage> All { get; }

    /// <summary>How long they take together.</summary>
    public TimeSpan Time { get; }

    /// <summary>The rate over time.</summary>
    public RateCurve Curve { get; }

    /// <summary>The highest rate that one of them leads to, messages a second.</summary>
    public double Peak => All.Max(s => s.Rate);

    /// <summary>
    /// Parses rate:time, and more of them behind commas: 1k:30s,5k:1m,0:10s. A time without a unit is in seconds; 0 is a jump.
    /// </summary>
    /// <param name="text">The stages.</param>
    /// <param name="highest">No rate may be above this.</param>
    /// <param name="stages">What they come to: they take time, and send at least one message.</param>
    public static bool TryParse(string text, double highest, out RateStages stages)
    {
        stages = null!;
        var all = new List<RateStage>();
        const decimal nanosecondsPerTick = 100;
        foreach (string word in text.Split(','))
        {
            if (word.Split(':') is not [var rate, var time]
                || !NumberText.TryParse(rate, out decimal perSecond) || (double)perSecond > highest
                || !TimeText.TryParseOrSeconds(time, out decimal nanoseconds) || nanoseconds / nanosecondsPerTick > Longest.Ticks)
                return false;
            all.Add(new RateStage((double)perSecond, TimeSpan.FromTicks((long)(nanoseconds / nanosecondsPerTick))));
        }

        stages = new RateStages(all);
        return stages.Time <= Longest && stages.Curve.Messages >= 1;
    }

    /// <summary>As a command line takes them: 1000:30s,5000:60s.</summary>
    public override string ToString() => string.Join(
        ',', All.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Rate:0.######}:{s.Time.TotalSeconds:0.###}s")));
}
