namespace RawEcho.Charts;

/// <summary>Values of several things side by side, a bar each, all of them from zero.</summary>
public sealed record BarChart
{
    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence on what is shown; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>The unit of the values.</summary>
    public required Unit Unit { get; init; }

    /// <summary>From top to bottom.</summary>
    public required IReadOnlyList<Bar> Bars { get; init; }
}

/// <summary>A bar.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Value">In base units; null where there is none, which is shown as absent and never as zero.</param>
/// <param name="Note">A few words behind the value; null for none.</param>
/// <param name="IsMarked">True for what the page is about: it is told apart from the others.</param>
public sealed record Bar(string Name, double? Value, string? Note = null, bool IsMarked = false);
