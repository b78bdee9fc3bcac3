namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>docs/scale.md has the tables that are computed, and nothing else.</summary>
public class ScaleDocumentTests
{
    private const string File = "docs/scale.md";

    [Theory]
    [InlineData("inputs")]
    [InlineData("servers")]
    [InlineData("reconnects")]
    [InlineData("haproxies")]
    [InlineData("storms")]
    [InlineData("endless")]
    public void A_table_is_what_is_computed(string name)
    {
        string computed = Compute(name);
        string text = MeasuredFigures.Read(File);
        string mark = $"<!-- computed: {name} -->\n";
        int start = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        Assert.True(start >= mark.Length, $"{File} has no mark '{mark.Trim()}'.");
        int end = text.IndexOf("\n\n", start, StringComparison.Ordinal) + 1;
        Assert.True(text[start..end] == computed, $"The table '{name}' of {File} should be:\n\n{computed}");
    }

    private static string Compute(string name) => name switch
    {
        "inputs" => ScaleTables.Inputs(),
        "servers" => ScaleTables.Servers(),
        "reconnects" => ScaleTables.Reconnects(),
        "haproxies" => ScaleTables.Haproxies(),
        "storms" => ScaleTables.Storms(),
        "endless" => ScaleTables.Endless(),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
