using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Tests;

public class ArchitectureTests
{
    [Fact]
    public void It_knows_meter_names_and_no_engine()
    {
        IEnumerable<string> references = typeof(RecordingReader).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(
            references,
            n => n.StartsWith("RawEcho.Engine", StringComparison.Ordinal) || n.StartsWith("RawEcho.CommandLine", StringComparison.Ordinal));
    }
}
