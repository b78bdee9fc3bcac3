using System.Text.Json;
using System.Text.Json.Nodes;
using RawEcho.Client.Compare;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>A change is called one when it is more than noise, and nothing is said too surely.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _ids;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Five_runs_each_tell_a_change_from_noise()
    {
        string old = Write("old.json", Runs(1000, 1010, 990, 1005, 995)), worse = Write("new.json", Runs(900, 910, 890, 905, 895));
        string same = Write("same.json", Runs(1001, 1011, 991, 1006, 890));
        ComparisonResult result = Compare([old, worse, same]);
        FigureChange change = Change(result, 0, "rps");
        Assert.Equal((FigureChange.Worse, 1000.0, 900.0), (change.Verdict, change.Old!.Median, change.New!.Median));
        Assert.Equal(-10, change.ChangePercent!.Value, 1e-9);
        Assert.Equal(2.0 / 252, change.PValue!.Value, 1e-12);
        Assert.Equal(FigureChange.Noise, Change(result, 1, "rps").Verdict);
        Assert.Equal(FigureChange.Better, Change(Compare([worse, old]), 0, "rps").Verdict);
        Assert.Equal(ExitCode.Success, result.ExitCode);
        string text = ComparisonText.Of(result);
        Assert.Contains("-10.0 %  worse, p 0.008", text, StringComparison.Ordinal);
        Assert.Contains("Mann-Whitney U test, exact, two-sided: a change is more", text, StringComparison.Ordinal);
        Assert.Contains("Settings: the same", text, StringComparison.Ordinal);
        string[] rows = [.. text.Split('\n').Where(l => l.Contains(", p ", StringComparison.Ordinal))];
        Assert.All(rows, row => Assert.InRange(row.TrimEnd().Length, 60, 82));
    }

    [Theory]
    [InlineData(1, 1, "single")]
    [InlineData(3, 3, "too-few")]
    [InlineData(1, 5, "too-few")]
    public void Where_too_few_runs_are_there_nothing_is_decided(int first, int second, string test)
    {
        double[] slow = [.. Enumerable.Range(100, first).Select(i => (double)i)];
        double[] fast = [.. Enumerable.Range(900, second).Select(i => (double)i)];
        ComparisonResult result = Compare([Write("a.json", Runs(slow)), Write("b.json", Runs(fast))], "rps<-5%", "p99>+1000%");
        Assert.Equal(test, result.Changes[0].Test);
        FigureChange change = Change(result, 0, "rps");
        Assert.Equal((FigureChange.Undecided, null), (change.Verdict, change.PValue));
        Assert.Contains("use --repeat 5", change.Why, StringComparison.Ordinal);
        // No figure is said to have changed, and no condition is passed.
        Assert.DoesNotContain(result.Changes[0].Figures, f => f.Verdict is FigureChange.Better or FigureChange.Worse);
        Assert.All(result.Conditions, c => Assert.Null(c.Met));
        Assert.Equal(ExitCode.ConditionMet, result.ExitCode);
        Assert.Contains("ot be told", ComparisonText.Of(result), StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_each_tells_what_is_inside_its_own_noise()
    {
        RunResult[] old = [Steady(1000, 40)], near = [Steady(1010, 40)], far = [Steady(2000, 40)];
        string before = Write("old.json", old);
        Assert.Equal(FigureChange.Noise, Change(Compare([before, Write("near.json", near)]), 0, "rps").Verdict);
        Assert.Equal(FigureChange.Undecided, Change(Compare([before, Write("far.json", far)]), 0, "rps").Verdict);

        RunResult Steady(double rate, double noise) => Run(rate) with
        {
            Series =
            [
                .. Enumerable.Range(1, 10).Select(i => new SecondResult
                {
                    At = i,
                    Seconds = 1,
                    RoundTrips = 100,
                    RoundTripsPerSecond = rate + (noise * Math.Sin(i)),
                    Errors = 0,
                }),
            ],
        };
    }

    [Theory]
    [InlineData("rps<-5%", true, "-10.0 % (p 0.008)")]
    [InlineData("rps<-20%", false, "-10.0 % (p 0.008)")]
    [InlineData("rps>+5%", false, "-10.0 % (p 0.008)")]
    [InlineData("p99>+0.1%", false, "0 %, no more than noise (p 1.000)")]
    [InlineData("errors>+0", false, "0")]
    [InlineData("late>=+0", true, "0")]
    public void A_condition_is_met_by_a_change_beyond_it_that_is_more_than_noise(string condition, bool met, string actual)
    {
        string old = Write("old.json", Runs(1000, 1010, 990, 1005, 995)), now = Write("new.json", Runs(900, 910, 890, 905, 895));
        ComparisonResult result = Compare([old, now], condition);
        Assert.Equal(new ConditionResult(condition, actual, met), Assert.Single(result.Conditions));
        Assert.Equal(met ? ExitCode.ConditionMet : ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public void A_change_that_is_beyond_the_limit_and_no_more_than_noise_is_passed_and_said()
    {
        string old = Write("old.json", Runs(1000, 2000, 500, 900, 1500)), now = Write("new.json", Runs(800, 1800, 450, 700, 1400));
        ConditionResult condition = Assert.Single(Compare([old, now], "rps<-5%").Conditions);
        Assert.False(condition.Met);
        Assert.Contains("no more than noise", condition.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_was_zero_or_is_missing_decides_nothing()
    {
        string old = Write("old.json", Runs(1000, 1001, 1002, 1003));
        RunResult[] bad = [.. Runs(1000, 1001, 1002, 1003).Select(r => r with { Mismatches = 3 })];
        RunResult[] closed =
        [
            .. Runs(1000, 1001, 1002, 1003)
                .Select(r => r with { Rate = null, CorrectedLatency = null, Settings = r.Settings with { Rate = null } }),
        ];
        ConditionResult zero = Assert.Single(Compare([old, Write("bad.json", bad)], "mismatches>+10%").Conditions);
        Assert.Equal("it was 0 before and is 3 now", zero.Undecided);
        ComparisonResult mixed = Compare([old, Write("closed.json", closed)], "p99>+10%", "late>+10%");
        Assert.All(mixed.Conditions, c => Assert.Equal("not all of the runs have this figure", c.Undecided));
        // A corrected latency and another one are not the same thing.
        Assert.DoesNotContain(mixed.Changes[0].Figures, f => f.Name == "p99");
        Assert.Contains(mixed.Changes[0].Figures, f => f.Name == "service-p99");
        Assert.Contains("Settings differ: --rate 5000 | none", ComparisonText.Of(mixed), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_differ_are_named()
    {
        RunResult one = Run(1000), two = Run(1000);
        RunResult other = two with
        {
            Settings = two.Settings with { Clients = 16, Tls = "none", Size = "64" },
            Machine = two.Machine with { Program = "rawecho-client 9" },
        };
        ComparisonResult result = Compare([Write("one.json", [one]), Write("two.json", [other])]);
        Assert.Equal(["--clients", "--tls", "--size", "program"], result.Differences.Select(d => d.Setting));
        Assert.Equal(["8", "16"], result.Differences[0].Values);
    }

    [Fact]
    public void Runs_that_were_interrupted_or_failed_are_said_and_are_no_success()
    {
        string old = Write("old.json", Runs(1000, 1001, 1002, 1003));
        RunResult[] runs = [.. Runs(1000, 1001, 1002, 1003), Run(500) with { Interrupted = true, ExitCode = ExitCode.Interrupted }];
        ComparisonResult result = Compare([old, Write("cut.json", runs)]);
        Assert.Equal((4, ExitCode.Interrupted), (result.Files[1].Runs, result.ExitCode));
        string doubt = Assert.Single(result.Files[1].Doubts);
        Assert.Contains("run 5 was interrupted after 10 s, and is not compared.", doubt, StringComparison.Ordinal);

        ComparisonResult failed = Compare([old, Write("lost.json", runs[..4].Select(r => r with { ExitCode = ExitCode.ConnectionLost }))]);
        Assert.Equal((4, ExitCode.ConnectionLost), (failed.Files[1].Runs, failed.ExitCode));
        Assert.Equal(4, failed.Files[1].Doubts.Count);

        // What failed by its own condition has measured all there was.
        string met = Write("met.json", runs[..4].Select(r => r with { ExitCode = ExitCode.ConditionMet }));
        Assert.Equal(ExitCode.Success, Compare([old, met]).ExitCode);
        Refused([old, Write("only.json", runs[4..])], "There is nothing to compare.", "was interrupted after 10 s");
        Refused([old, Write("empty.json", [Empty()])], "There is nothing to compare.", "measured nothing");
    }

    [Fact]
    public void What_cannot_be_compared_is_refused_in_one_sentence()
    {
        string good = ResultJson.Write(Run(1000)), old = Write("old.json", Runs(1000));
        Refused([old, old], "hold the same run");
        Refused([old, _folder.Write("copy.json", File.ReadAllText(old))], "hold the same run");
        Refused([old, _folder["none.json"]], "none.json is missing");
        Refused([old, Path.GetDirectoryName(old)!], "is missing");
        (string Text, string Says)[] files =
        [
            ("{", "is no result"),
            ("{}", "no result"),
            ("[]", "is no result"),
            (string.Empty, "holds no result"),
            ("""{"type":3}""", "is no result"),
            ("""{"type":"result"}""", "is no result"),
            ("""{"type":"interval"}""", "holds no result"),
            (good.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal), "version 2"),
            (good.Replace("\"kind\":\"run\"", "\"kind\":\"max\"", StringComparison.Ordinal), "'max'"),
            (good.Replace("\"kind\":\"run\"", "\"kind\":\"repeat\"", StringComparison.Ordinal), "is no result"),
            (good.Replace("\"roundTrips\":", "\"roundTrips\":9", StringComparison.Ordinal), "contradicts itself"),
        ];
        foreach ((string text, string says) in files) Refused([old, _folder.Write("file.json", text)], says);
        Refused([old, Write("many.json", Runs([.. Enumerable.Repeat(1000.0, 51)]))], "51 runs");
    }

    [Fact]
    public void A_file_holds_runs_one_after_the_other_lines_or_a_series()
    {
        RunResult[] runs = Runs(1000, 1001, 1002, 1003);
        var series = new RepeatResult
        {
            StartedAt = DateTimeOffset.UnixEpoch,
            Machine = MachineResult.Here(),
            Asked = 4,
            Complete = 4,
            Interrupted = false,
            Figures = [],
            Runs = runs,
            Errors = [],
            Conditions = [],
            ExitCode = 0,
        };
        string pretty = JsonNode.Parse(ResultJson.Write(series))!.ToString();
        string interval = """{"type":"interval","at":1}""" + "\n";
        string[] forms = [pretty, interval + ResultLine.Of(series), interval + string.Join("\n", runs.Select(ResultLine.Of))];
        foreach (string text in forms)
        {
            ComparisonResult result = Compare([Write("old.json", Runs(1000, 1001, 1002, 1003)), _folder.Write("new.json", text)]);
            Assert.Equal([4, 4], result.Files.Select(f => f.Runs));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("p99>10%")]
    [InlineData("p99>5ms")]
    [InlineData("p99>+5ms")]
    [InlineData("p99>+5")]
    [InlineData("p101>+5%")]
    [InlineData("speed>+5%")]
    [InlineData("rps=-5%")]
    [InlineData("errors")]
    [InlineData("errors>0")]
    [InlineData("status>=400")]
    [InlineData("resumed-p99>+5%")]
    [InlineData("p99>+5% and more")]
    public void What_is_no_change_is_refused(string text) => Assert.False(ChangeCondition.TryParse(text, out _));

    [Theory]
    [InlineData("p99.9 > +10 %", "p99.9")]
    [InlineData("status>=400>+0", "status>=400")]
    [InlineData("client-cpu>=+2.5%", "client-cpu")]
    [InlineData("service-max<=-1%", "service-max")]
    public void A_change_names_its_figure(string text, string figure)
    {
        Assert.True(ChangeCondition.TryParse(text, out ChangeCondition condition));
        Assert.Equal(figure, condition.Figure.Name);
    }

    private static FigureChange Change(ComparisonResult result, int file, string name) =>
        result.Changes[file].Figures.Single(f => f.Name == name);

    private static ComparisonResult Compare(string[] files, params string[] conditions) => new Comparison(0.05).Of(
        ComparedFiles.Read(files), [.. conditions.Select(Parse)]);

    private static ChangeCondition Parse(string text) =>
        ChangeCondition.TryParse(text, out ChangeCondition condition) ? condition : throw new ArgumentException(text, nameof(text));

    private static void Refused(string[] files, params string[] says)
    {
        CommandException refused = Assert.Throws<CommandException>(() => ComparedFiles.Read(files));
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        foreach (string word in says) Assert.Contains(word, refused.Message, StringComparison.Ordinal);
    }

    private string Write(string name, IEnumerable<RunResult> runs) => _folder.Write(name, string.Join('\n', runs.Select(ResultJson.Write)));

    private RunResult[] Runs(params double[] rates) => [.. rates.Select(Run)];

    private RunResult Run(double rate) => ResultTests.Make(seed: 1, rate: 5000) with
    {
        Id = new Guid(++_ids, 1, 0, new byte[8]),
        RoundTripsPerSecond = rate,
    };

    private RunResult Empty()
    {
        string text = ResultJson.Write(Run(0)).Replace("\"seconds\":10", "\"seconds\":0", StringComparison.Ordinal);
        return JsonSerializer.Deserialize(text, ResultJson.Default.RunResult)!;
    }
}
