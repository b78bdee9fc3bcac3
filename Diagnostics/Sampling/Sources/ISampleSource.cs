using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>One source of values of one process: the kernel, or the events of its runtime.</summary>
internal interface ISampleSource
{
    /// <summary>Adds the values that are available now. Rates cover the time since the last call. Called by one thread at a time.</summary>
    void Collect(SampleValues values);
}
