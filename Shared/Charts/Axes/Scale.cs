namespace RawEcho.Charts.Axes;

/// <summary>An axis: where a value lies, and what is written along it.</summary>
internal abstract class Scale
{
    /// <summary>The marks, by ascending position.</summary>
    public abstract IReadOnlyList<Tick> Ticks { get; }

    /// <summary>The unit that all marks share; empty when each carries its own.</summary>
    public abstract string UnitSymbol { get; }

    /// <summary>The name of the scale in the page's data.</summary>
    public abstract string Kind { get; }

    /// <summary>The value at the axis' beginning.</summary>
    public abstract double From { get; }

    /// <summary>The value at the axis' end.</summary>
    public abstract double To { get; }

    /// <summary>Where a value lies: 0 at the beginning, 1 at the end. What lies beyond an end is drawn at the end.</summary>
    public double Position(double value) => Math.Clamp(PositionOf(value), 0, 1);

    protected abstract double PositionOf(double value);
}

/// <summary>A mark on an axis.</summary>
/// <param name="Position">0 at the axis' beginning, 1 at its end.</param>
/// <param name="Label">What is written there.</param>
internal readonly record struct Tick(double Position, string Label);
