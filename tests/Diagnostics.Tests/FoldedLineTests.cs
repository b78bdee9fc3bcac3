using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Terminal;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Long lines on a terminal.</summary>
public class FoldedLineTests
{
    [Theory]
    [InlineData("short", 2, "short")]
    [InlineData("ok: one two three four five", 4, "ok: one two three|    four five")]
    [InlineData("  ca.pem  the root that all trust", 12, "  ca.pem  the root|     that all trust")]
    [InlineData("see /a/very/long/path/of/a/file now", 2, "see|  /a/very/long/path/of/a/file|  now")]
    public void Lines_are_broken_between_words_and_keep_their_columns(string line, int indent, string expected) =>
        Assert.Equal(expected, string.Join('|', FoldedLine.Break(line, indent, 20)));

    [Theory]
    [InlineData("Latency: p50 1.0 ms, p99 2.0 ms, max 3.0 ms\nMore: 1", "Latency:|  p50 1.0 ms,|  p99 2.0 ms,|  max 3.0 ms|More: 1")]
    [InlineData("  names   localhost, 127.0.0.1, ::1", "  names   localhost,|          127.0.0.1,|          ::1")]
    [InlineData("  Dial the server by a name", "  Dial the server by|  a name")]
    [InlineData("\e[2mkey   \e[0m\e[31mno: name mismatch\e[0m", "\e[2mkey   \e[0m\e[31mno: name|      mismatch\e[0m")]
    public void A_text_keeps_its_labels_in_a_column_of_their_own(string text, string expected) =>
        Assert.Equal(expected, FoldedLine.OfText(text, 20).Replace('\n', '|'));

    [Fact]
    public async Task The_list_of_processes_fits_a_terminal_of_80_columns()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using var terminal = new TerminalRun(80, 24, "ps");
        (await terminal.ExitAsync()).EndedWith(0);
        string[] lines = [.. terminal.Written.Split('\n').Skip(1).Select(l => l.TrimEnd('\r'))];
        Assert.Contains(lines, l => l.StartsWith($"{work.Id} ", StringComparison.Ordinal));
        // Behind "Not to attach to" there are paths, which are not broken.
        Assert.All(lines.TakeWhile(l => !l.StartsWith("Not to", StringComparison.Ordinal)), l => Assert.InRange(l.Length, 0, 80));
    }
}
