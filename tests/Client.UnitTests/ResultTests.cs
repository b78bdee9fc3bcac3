using System.Globalization;
using System.Text.Json;
using RawEcho.Client.Load;
using RawEcho.Client.Merge;
using RawEcho.Client.Results;
using RawEcho.Client.Units;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>Text, JSON and merged results say the same of the same run.</summary>
public class ResultTests
{
    [Fact]
    public void Text_and_json_of_one_run_agree()
    {
        RunResult run = Make(seed: 1, rate: 5000);
        using JsonDocument json = JsonDocument.Parse(ResultJson.Write(run));
        string text = RunText.Of(run);
        JsonElement root = json.RootElement;
        Assert.Contains($"Round trips: {root.GetProperty("roundTrips").GetInt64()} in ", text, StringComparison.Ordinal);
        Assert.Contains($"Bytes sent: {root.GetProperty("bytesSent").GetInt64()}", text, StringComparison.Ordinal);
        Assert.Contains($"Sent late: {root.GetProperty("rate").GetProperty("late").GetInt64()} ", text, StringComparison.Ordinal);
        Assert.Contains($"Not sent: {root.GetProperty("rate").GetProperty("unsent").GetInt64()} ", text, StringComparison.Ordinal);
        foreach (string name in new[] { "service", "corrected" })
        {
            JsonElement latency = root.GetProperty($"{name}Latency");
            string line = text.Split('\n').Single(l => l.StartsWith($"{name} latency: ", StringComparison.OrdinalIgnoreCase));
            foreach (JsonElement p in latency.GetProperty("percentiles").EnumerateArray())
            {
                string value = Quantity.Time(p.GetProperty("ns").GetInt64());
                string percentile = string.Create(CultureInfo.InvariantCulture, $"p{p.GetProperty("percent").GetDouble()} {value}");
                Assert.Contains(percentile, line, StringComparison.Ordinal);
            }
            Assert.Contains($"max {Quantity.Time(latency.GetProperty("maxNs").GetInt64())}", line, StringComparison.Ordinal);
            Assert.Equal(run.RoundTrips, latency.GetProperty("histogram").EnumerateArray().Sum(b => b[1].GetInt64()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merging_files_equals_measuring_all_in_one(int seed)
    {
        using var folder = new TempFolder();
        RunResult[] parts = [Make(seed, 1000), Make(seed + 10, 2000), Make(seed + 20, 3000)];
        string[] files = [.. parts.Select((p, i) => folder.Write($"{i}.json", ResultJson.Write(p)))];
        RunResult merged = ResultMerger.Merge(files, [.. files.Select(ResultFile.Read)]);

        var all = new LatencyHistogram();
        foreach (long value in new[] { seed, seed + 10, seed + 20 }.SelectMany(Values)) all.Record(value);
        Assert.Equal(LatencyResult.Of(all).Percentiles, merged.ServiceLatency.Percentiles);
        Assert.Equal(all.Max, merged.ServiceLatency.MaxNs);
        Assert.Equal(parts.Sum(p => p.RoundTrips), merged.RoundTrips);
        Assert.Equal(6000, merged.Settings.Rate);
        Assert.Equal(3 * 8, merged.Settings.Clients);
        Assert.Equal(files, merged.Merged!.Select(m => m.File));

        // Merged again, in another order and in two steps, it is the same.
        RunResult twoOfThree = ResultMerger.Merge([files[2], files[1]], [ResultFile.Read(files[2]), ResultFile.Read(files[1])]);
        string two = folder.Write("two.json", ResultJson.Write(twoOfThree));
        RunResult again = ResultMerger.Merge([two, files[0]], [ResultFile.Read(two), ResultFile.Read(files[0])]);
        Assert.Equal(merged.ServiceLatency.Histogram, again.ServiceLatency.Histogram);
        Assert.Equal(files.Order(), again.Merged!.Select(m => m.File).Order());
    }

    [Fact]
    public void A_run_counts_once()
    {
        RunResult one = Make(1, 1000), two = Make(2, 2000), three = Make(3, 1000);
        RunResult both = ResultMerger.Merge(["one.json", "two.json"], [one, two]);
        Refused("one.json", "one.json", one, one);
        Refused("one.json", "copy.json", one, one);
        Refused("both.json", "two.json", both, two);
        Refused("both.json", "again.json", both, both);
        // A result of an older version has no number, but when it was made and what came of it.
        Refused("old.json", "same.json", one with { Id = null }, one with { Id = null });
        Assert.Equal(3, ResultMerger.Merge(["both.json", "three.json"], [both, three]).Merged!.Count);

        static void Refused(string first, string second, RunResult a, RunResult b)
        {
            CommandException refused = Assert.Throws<CommandException>(() => ResultMerger.Merge([first, second], [a, b]));
            Assert.Equal(ExitCode.Usage, refused.ExitCode);
            Assert.StartsWith($"{first} and {second} hold the same run (", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Settings_that_differ_are_claimed_for_none()
    {
        RunResult one = Make(1, 1000), two = Make(2, 1000);
        Assert.Empty(ResultMerger.Doubts([one, two]));
        Assert.Equal(one.Settings.WarmupSeconds, ResultMerger.Merge(["a", "b"], [one, two]).Settings.WarmupSeconds);
        RunResult other = two with
        {
            Settings = two.Settings with
            {
                Tls = "server",
                Depth = 8,
                RampSeconds = 1,
                WarmupSeconds = 2,
                DurationSeconds = 5,
                Reconnect = true,
            },
        };
        SettingsResult merged = ResultMerger.Merge(["a", "b"], [one, other]).Settings;
        Assert.Equal(("mixed", null, null), (merged.Tls, merged.Depth, merged.Seed));
        Assert.Equal((null, null, null, null), (merged.RampSeconds, merged.WarmupSeconds, merged.DurationSeconds, merged.Reconnect));
        Assert.Equal(
            ["These runs were made with different settings: --tls mutual and server; --depth 1 and 8; --ramp 0 s and 1 s; "
                + "--warmup 0 s and 2 s; --duration 10 s and 5 s; --reconnect no and yes."],
            ResultMerger.Doubts([one, other]));
    }

    [Fact]
    public void A_file_that_is_no_result_is_refused_in_one_sentence()
    {
        using var folder = new TempFolder();
        string good = ResultJson.Write(Make(1, 1000));
        (string Text, string Says)[] files =
        [
            ("{", "is no result"),
            ("{}", "no result"),
            ("[]", "is no result"),
            (string.Empty, "holds no result"),
            (good.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal), "version 2"),
            (good.Replace("\"kind\":\"run\"", "\"kind\":\"max\"", StringComparison.Ordinal), "'max'"),
            (good.Replace("\"settings\":{", "\"settings\":null,\"x\":{", StringComparison.Ordinal), "settings"),
            (good.Replace("\"roundTrips\":", "\"roundTrips\":9", StringComparison.Ordinal), "contradicts itself"),
            (good.Replace("\"roundTrips\":", "\"other\":", StringComparison.Ordinal), "lacks a member"),
        ];
        foreach ((string text, string says) in files)
        {
            CommandException refused = Assert.Throws<CommandException>(() => ResultFile.Read(folder.Write("file.json", text)));
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Usage, refused.ExitCode);
        }

        CommandException missing = Assert.Throws<CommandException>(() => ResultFile.Read(folder["none.json"]));
        Assert.Contains("is missing", missing.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<long> Values(int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, 5000).Select(_ => random.NextInt64(1, 1L << random.Next(10, 36)));
    }

    internal static RunResult Make(int seed, double rate)
    {
        var histogram = new LatencyHistogram();
        foreach (long value in Values(seed)) histogram.Record(value);
        LatencyResult latency = LatencyResult.Of(histogram);
        return new RunResult
        {
            Id = new Guid(seed, 0, 0, new byte[8]),
            StartedAt = DateTimeOffset.UnixEpoch,
            Machine = MachineResult.Here(),
            Settings = new SettingsResult
            {
                Servers = [new ServerResult("localhost:7443", ["127.0.0.1:7443"])],
                Tls = "mutual",
                Loop = "open",
                Clients = 8,
                Rate = rate,
                Depth = 1,
                Size = "1-100",
                Seed = seed,
                RampSeconds = 0,
                WarmupSeconds = 0,
                DurationSeconds = 10,
                Reconnect = false,
            },
            Seconds = 10,
            Interrupted = false,
            RoundTrips = latency.Count,
            RoundTripsPerSecond = latency.Count / 10.0,
            Unanswered = 0,
            BytesSent = 1234,
            BytesReceived = 1234,
            Mismatches = 0,
            Connections = new ConnectionsResult(8, 0, 0),
            Rate = new RateResult(rate, 17, 1_000_000, 5),
            ServiceLatency = latency,
            CorrectedLatency = latency,
            Series = [],
            Errors = [],
            Conditions = [],
            ExitCode = 0,
        };
    }
}
