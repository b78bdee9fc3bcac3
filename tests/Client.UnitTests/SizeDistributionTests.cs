using RawEcho.Client.Load;

namespace RawEcho.Client.UnitTests;

public class SizeDistributionTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("1-100")]
    [InlineData("64:90,1000-2000:9,65536:1")]
    [InlineData("10,20,30-40")]
    public void What_can_be_written_is_read(string text)
    {
        Assert.True(SizeDistribution.TryParse(text, out SizeDistribution sizes));
        Assert.Equal(text, sizes.ToString());
    }

    [Theory]
    [InlineData("64KiB", "65536")]
    [InlineData("64:90,1k-2kB:9,64Ki:1k", "64:90,1000-2000:9,65536:1000")]
    public void Units_are_bytes_in_results(string text, string bytes)
    {
        Assert.True(SizeDistribution.TryParse(text, out SizeDistribution sizes));
        Assert.Equal(bytes, sizes.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("5-1")]
    [InlineData("1-2-3")]
    [InlineData("10:0")]
    [InlineData("10:-1")]
    [InlineData("10:1:1")]
    [InlineData("10,")]
    [InlineData("67108865")]
    [InlineData("1-100:x")]
    public void What_cannot_be_is_refused(string text) => Assert.False(SizeDistribution.TryParse(text, out _));

    [Fact]
    public void Weights_are_kept_and_every_size_of_a_range_comes()
    {
        const int draws = 200_000;
        Assert.True(SizeDistribution.TryParse("64:90,1000-1009:9,70000:1", out SizeDistribution sizes));
        Assert.Equal(70_000, sizes.Max);
        var random = new RandomSequence(1, 1);
        int[] drawn = [.. Enumerable.Range(0, draws).Select(_ => sizes.Next(ref random))];
        Assert.InRange(drawn.Count(s => s == 64) / (double)draws, 0.89, 0.91);
        Assert.InRange(drawn.Count(s => s == 70_000) / (double)draws, 0.009, 0.011);
        Assert.Equal(Enumerable.Range(1000, 10), drawn.Where(s => s is >= 1000 and < 70_000).Distinct().Order());
        Assert.Equal(3, drawn.Select(s => s switch { 64 => 0, 70_000 => 1, _ => 2 }).Distinct().Count());
    }

    [Fact]
    public void A_seed_repeats_a_sequence_and_streams_differ()
    {
        static ulong[] Draw(long seed, long stream)
        {
            var random = new RandomSequence(seed, stream);
            return [.. Enumerable.Range(0, 100).Select(_ => random.Next())];
        }

        Assert.Equal(Draw(1, 2), Draw(1, 2));
        Assert.NotEqual(Draw(1, 2), Draw(1, 3));
        Assert.NotEqual(Draw(1, 2), Draw(2, 2));
        Assert.Equal(new MessageBytes(100, 7).All.ToArray(), new MessageBytes(100, 7).All.ToArray());
    }
}
