using System.Globalization;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>watch on terminals of the usual sizes.</summary>
public sealed class TerminalTests
{
    [Theory]
    [InlineData(40, 24)]
    [InlineData(80, 24)]
    [InlineData(120, 50)]
    [InlineData(200, 50)]
    public async Task Two_processes_fit_every_row_can_be_reached_and_the_terminal_is_left_clean(int columns, int rows)
    {
        await using ProgramProcess one = await Target.StartWorkAsync();
        await using ProgramProcess two = await Target.StartWorkAsync();
        await using var terminal = new TerminalRun(columns, rows, "watch", "--interval", "250ms", Text(one.Id), Text(two.Id));
        await terminal.UntilAsync(s => s.IsAlternate && HasRow(s, "CPU, of one") && HasRow(s, "allocation"), "values of the runtime");
        // Numbers of both are there, whole.
        string line = terminal.Now.Lines.First(l => l.Contains("private", StringComparison.Ordinal));
        Assert.Matches(@"private.* \d+\.\d MB .*\d+\.\d MB", line);
        Assert.False(terminal.Now.HasCursor);

        await terminal.TypeAsync("G");
        await terminal.UntilAsync(s => HasRow(s, "TLS sessions") || HasRow(s, "open sessions") || HasRow(s, "closing"), "the last row");
        await terminal.TypeAsync("?");
        await terminal.UntilAsync(s => HasRow(s, "order of the rows"), "help");
        await terminal.TypeAsync("?sss");
        await terminal.UntilAsync(s => HasRow(s, "title"), "rows by title");
        await terminal.TypeAsync("p");
        await terminal.UntilAsync(s => HasRow(s, "paused"), "pause");
        await terminal.TypeAsync("q");
        (await terminal.ExitAsync()).EndedWith(0);
        Screen left = terminal.Now;
        Assert.Equal((false, true, true), (left.IsAlternate, left.HasCursor, left.Wraps));
        Assert.True(terminal.IsClean);
        Assert.Contains("Averages over ", terminal.Written, StringComparison.Ordinal);
    }

    private static bool HasRow(Screen screen, string part) => screen.Lines.Any(l => l.Contains(part, StringComparison.Ordinal));

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
