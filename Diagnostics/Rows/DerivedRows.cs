namespace RawEcho.Diagnostics.Rows;

/// <summary>Rows that follow from others: of a sample, and of the means of a whole recording alike.</summary>
internal static class DerivedRows
{
    private const double Percent = 100;

    public static void Add(SampleValues values)
    {
        values.Set(MetricCatalog.Native, Native(values));
        if (values[MetricCatalog.RoundTrips] is > 0 and var roundTrips)
        {
            values.Set(MetricCatalog.CpuPerRoundTrip, values[MetricCatalog.Cpu] / Percent / roundTrips);
            values.Set(MetricCatalog.AllocatedPerRoundTrip, values[MetricCatalog.Allocated] / roundTrips);
        }

        if (values[MetricCatalog.Connections] is > 0 and var connections)
            values.Set(MetricCatalog.MemoryPerConnection, values[MetricCatalog.Private] / connections);
    }

    // What the GC has committed counts as private once it was touched, so a fresh heap can be larger than what is resident.
    private static double? Native(SampleValues values) =>
        values[MetricCatalog.Private] - values[MetricCatalog.GcCommitted] is { } native ? Math.Max(0, native) : null;
}
