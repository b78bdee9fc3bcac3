using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Recording;

/// <summary>Numbers that a recording can hold. A file may hold others, because whoever likes can write one.</summary>
internal static class RecordedNumber
{
    // A hundred years: whatever is longer is no time of a recording, and would not fit into the types for times.
    private const double MaxSeconds = 100 * 365.25 * 86400;

    /// <summary>A time since the start, or a length of time.</summary>
    /// <exception cref="FormatException">It cannot be one.</exception>
    public static double Seconds(double value) =>
        value is >= 0 and <= MaxSeconds
            ? value
            : throw new FormatException(FormattableString.Invariant($"{value} s is no time of a recording."));

    /// <summary>A value of a row.</summary>
    /// <exception cref="FormatException">It cannot be one.</exception>
    public static double Value(double value) =>
        SampleValues.IsValue(value)
            ? value
            : throw new FormatException(FormattableString.Invariant($"{value} is no value of a recording."));
}
