using System.Globalization;
using System.Text.Json;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>ps and watch for programs: JSON alone on standard output.</summary>
public sealed class JsonOutputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_list_and_the_rounds_are_JSON()
    {
        (ProgramProcess process, Uri address) = await Target.StartWebAsync();
        await using ProgramProcess web = process;
        ProgramResult list = (await Tool.RunAsync("ps", "--json")).EndedWith(0);
        using JsonDocument all = JsonDocument.Parse(string.Join('\n', list.Output));
        JsonElement one = Assert.Single(all.RootElement.EnumerateArray(), p => p.GetProperty("pid").GetInt32() == web.Id);
        Assert.Equal("diagnosed-web", one.GetProperty("name").GetString());
        Assert.True(one.GetProperty("canAttach").GetBoolean());
        Assert.Equal(JsonValueKind.Null, one.GetProperty("refusal").ValueKind);
        Assert.Equal(JsonValueKind.Null, one.GetProperty("role").ValueKind);
        Assert.True(one.GetProperty("privateBytes").GetInt64() > 1 << 20);
        Assert.Equal(address.Port, Assert.Single(one.GetProperty("listening").EnumerateArray()).GetInt32());
        Assert.DoesNotContain(
            all.RootElement.EnumerateArray(),
            p => Proc.ProcStat.Of(p.GetProperty("pid").GetInt32()) is { IsKernelThread: true });

        // The rounds are a recording, line by line.
        string pid = web.Id.ToString(CultureInfo.InvariantCulture);
        ProgramResult rounds = (await Tool.RunAsync("watch", "--json", "--duration", "1s", "--interval", "200ms", pid)).EndedWith(0);
        RecordingData recording = RecordingReader.Read(_folder.Write("rounds.jsonl", string.Join('\n', rounds.Output) + "\n"));
        Assert.Equal(web.Id, Assert.Single(recording.Processes).Pid);
        Assert.True(recording.Samples.Count >= 2);
        (await Tool.RunAsync("watch", "--json", "--group", "GC", pid)).EndedWith(2).WithOneSentence("--group and --json");
    }

    public void Dispose() => _folder.Dispose();
}
