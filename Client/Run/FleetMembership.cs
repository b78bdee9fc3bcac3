using RawEcho.Client.Load;
using RawEcho.Client.Merge;
using RawEcho.Client.Results;

namespace RawEcho.Client.Run;

/// <summary>Adds to a result which start was agreed, and which fleet it is part of.</summary>
internal static class FleetMembership
{
    /// <param name="result">The result of the run.</param>
    /// <param name="shape">What it was asked for.</param>
    /// <param name="agreed">The start; null for none, and then there is no fleet.</param>
    public static RunResult Within(this RunResult result, LoadShape shape, AgreedStart? agreed)
    {
        if (agreed is null) return result;
        StartResult start = agreed.ToResult();
        return result with { Start = start, Fleet = shape.Fleet is { } share ? FleetOf(result.Settings, shape, share, start) : null };
    }

    private static FleetResult FleetOf(SettingsResult settings, LoadShape shape, FleetShare share, StartResult start)
    {
        var fleet = new FleetResult
        {
            Member = share.Member,
            Members = share.Members,
            Id = string.Empty,
            Clients = share.AllClients,
            Rate = shape.Rate,
            Stages = shape.Stages is { } stages ? [.. stages.All.Select(s => new StageResult(s.Rate, s.Time.TotalSeconds))] : null,
            Messages = shape.Messages,
        };
        return fleet with { Id = FleetIdentity.Digest(FleetIdentity.Facts(settings, fleet, start.At, start.Clock!.Reference)) };
    }
}
