namespace RawEcho.Client.Load;

/// <summary>What kept a message from being sent at its time.</summary>
internal enum LateCause
{
    /// <summary>There was room for it, and this client came too late: no processor, a pause of the collector, a late timer.</summary>
    Client,

    /// <summary>As many messages were in flight on its connection as --depth allows.</summary>
    NoRoom,

    /// <summary>The send before it blocked: the peer, or the network, took no more.</summary>
    BlockedSend,
}

/// <summary>Messages by what kept them from being sent at their time, counts.</summary>
/// <param name="Client">This client came too late.</param>
/// <param name="NoRoom">All places in flight were taken.</param>
/// <param name="BlockedSend">The send before it blocked.</param>
internal readonly record struct LateCounts(long Client, long NoRoom, long BlockedSend)
{
    /// <summary>All of them.</summary>
    public long Total => Client + NoRoom + BlockedSend;

    public static LateCounts operator +(LateCounts a, LateCounts b) =>
        new(a.Client + b.Client, a.NoRoom + b.NoRoom, a.BlockedSend + b.BlockedSend);

    /// <summary>So many messages of one cause.</summary>
    public static LateCounts Of(LateCause cause, long count) => cause switch
    {
        LateCause.Client => new(count, 0, 0),
        LateCause.NoRoom => new(0, count, 0),
        _ => new(0, 0, count),
    };
}
