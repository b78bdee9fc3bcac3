using System.Globalization;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>The orders of rows that a user can choose.</summary>
internal enum RowOrder
{
    /// <summary>By group while all rows fit on the screen, by importance when they do not.</summary>
    Automatic,

    /// <summary>The most important first.</summary>
    Importance,

    /// <summary>By group, as in plain output.</summary>
    Group,

    /// <summary>By title.</summary>
    Title,

    /// <summary>What differs most between the first two processes first.</summary>
    Difference,
}

/// <summary>Puts rows in order.</summary>
internal static class RowOrders
{
    // Stands for what the user names: whoever asks for a row wants to see it.
    private const string Named = "meters and counters";

    private static readonly string[] MostImportant =
    [
        MetricCatalog.Cpu.Name, MetricCatalog.Private.Name, Named, MetricCatalog.RoundTrips.Name, MetricCatalog.LatencyP50.Name,
        MetricCatalog.LatencyP99.Name, MetricCatalog.Connections.Name,
        MetricCatalog.Requests.Name, MetricCatalog.RequestErrors.Name, MetricCatalog.RequestP50.Name, MetricCatalog.RequestP99.Name,
        MetricCatalog.KestrelConnections.Name, "process.pid", MetricCatalog.WorkingSet.Name,
        MetricCatalog.OsThreads.Name, MetricCatalog.Handshakes.Name, MetricCatalog.HandshakesFailed.Name, MetricCatalog.TlsSessions.Name,
        MetricCatalog.GcHeap.Name, MetricCatalog.PausePercent.Name, MetricCatalog.PauseLongest.Name, MetricCatalog.Allocated.Name,
        MetricCatalog.PoolQueue.Name, MetricCatalog.Received.Name, MetricCatalog.Sent.Name, MetricCatalog.TcpEstablished.Name,
        MetricCatalog.Descriptors.Name, MetricCatalog.CpuPerRoundTrip.Name, MetricCatalog.Uptime.Name,
    ];

    /// <summary>The rows, which come by group, in another order.</summary>
    public static IReadOnlyList<ComparisonRow> Sort(IReadOnlyList<ComparisonRow> rows, RowOrder order) => order switch
    {
        RowOrder.Importance => [.. rows.OrderBy(Rank)],
        RowOrder.Title => [.. rows.OrderBy(r => r.Title, StringComparer.OrdinalIgnoreCase)],
        RowOrder.Difference => [.. rows.OrderByDescending(Difference).ThenBy(Rank)],
        _ => rows,
    };

    private static int Rank(ComparisonRow row) =>
        Array.IndexOf(MostImportant, NameOf(row)) is >= 0 and var rank ? rank : MostImportant.Length;

    private static string NameOf(ComparisonRow row) =>
        row.Group is MetricGroup.Meters or MetricGroup.Counters ? Named : MetricCatalog.WithoutTag(row.Name);

    // A factor of ten is as much in either direction.
    private static double Difference(ComparisonRow row) =>
        double.TryParse(row.Ratio, NumberStyles.Number, CultureInfo.InvariantCulture, out double ratio)
            ? ratio > 0 ? Math.Abs(Math.Log(ratio)) : double.MaxValue
            : -1;
}
