using System.Globalization;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>--events: what a runtime is asked for, and what is absent without it.</summary>
public sealed class EventSetTests
{
    private static readonly string[] Kernel = [MetricCatalog.Cpu.Title, MetricCatalog.Private.Title, MetricCatalog.TcpListening.Title];

    [Theory]
    [InlineData("none", "", "time in pauses,gen 0 collections,connections")]
    [InlineData("gc", "time in pauses", "gen 0 collections,connections")]
    [InlineData("counters", "gen 0 collections", "time in pauses,connections")]
    [InlineData("meters", "gen 0 collections,connections", "time in pauses")]
    [InlineData("Counters,GC", "time in pauses,gen 0 collections", "connections")]
    [InlineData("all", "time in pauses,gen 0 collections,connections", "")]
    public async Task Rows_of_what_is_not_asked_for_are_absent_and_the_others_are_there(string events, string there, string absent)
    {
        Requires.Linux("rows of the kernel come from /proc");
        await using ProgramProcess server = await Target.StartServerAsync();
        string[] watch = ["watch", "--once", "--interval", "500ms", "--events", events, server.Id.ToString(CultureInfo.InvariantCulture)];
        ProgramResult result = (await Tool.RunAsync(watch)).EndedWith(0);
        Assert.All([.. Kernel, .. Titles(there)], title => Assert.True(result.HasRow(title), $"{title}\n{result}"));
        Assert.All(Titles(absent), title => Assert.False(result.HasRow(title), $"{title}\n{result}"));
    }

    [Theory]
    [InlineData("--meter", "Acme.Orders", "gc,counters", "--meter needs 'meters' in --events")]
    [InlineData("--counter", "Acme-Bakery", "none", "--counter needs 'counters' in --events")]
    [InlineData("--group", "GC", "gc,nothing", "--events takes all, none, or some of gc, counters and meters")]
    [InlineData("--group", "GC", "all,gc", "--events takes all, none, or some of gc, counters and meters")]
    public async Task What_contradicts_itself_is_an_error(string option, string value, string events, string words)
    {
        ProgramResult result = await Tool.RunAsync("watch", "--once", option, value, "--events", events);
        result.EndedWith(2).WithError(words);
    }

    private static string[] Titles(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
