using RawEcho.Client.Load;

namespace RawEcho.Client.UnitTests;

/// <summary>Every byte of every echo is compared, however the echoes are cut into reads.</summary>
public sealed class MessageFlowTests : IDisposable
{
    private const int Size = 6;
    private const int Depth = 3;

    private readonly LoadRun _run = new(new LoadShape
    {
        Clients = 1,
        Depth = Depth,
        Sizes = SizeDistribution.Of(Size, Size),
        Messages = Depth,
    });
    private readonly MessageFlow _flow;
    private readonly byte[] _sent;

    public MessageFlowTests()
    {
        _run.Start();
        _flow = new MessageFlow(_run, stream: 0, quota: Depth);
        _sent = [.. Enumerable.Range(0, Depth).SelectMany(_ => _flow.Begin(_run.MeasureFrom, _run.MeasureFrom).ToArray())];
    }

    public static TheoryData<int, int> Wrong
    {
        get
        {
            var all = new TheoryData<int, int>();
            for (int wrong = 0; wrong < Size * Depth; wrong++)
            {
                foreach (int read in (int[])[1, Size - 1, Size, Size + 1, Size * Depth]) all.Add(wrong, read);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_byte_is_found_wherever_it_is_and_with_the_read_that_brings_it(int wrong, int read)
    {
        _sent[wrong] ^= 1;
        foreach (byte[] part in _sent.Chunk(read))
        {
            bool isWrong = wrong >= 0 && wrong < part.Length;
            Assert.Equal(!isWrong, _flow.Take(part, _run.MeasureFrom));
            if (isWrong) break;
            wrong -= part.Length;
        }

        int at = Array.FindIndex(_sent.Zip(Expected(), (one, other) => one != other).ToArray(), differs => differs);
        Assert.StartsWith($"Byte {at % Size} of an echo of {Size} bytes", _flow.Mismatch, StringComparison.Ordinal);
        Assert.Equal(at / Size, _flow.RoundTrips);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Size - 1)]
    [InlineData(Size)]
    [InlineData(Size + 1)]
    [InlineData(Size * Depth)]
    public void Right_echoes_are_counted_and_a_byte_behind_them_is_too_many(int read)
    {
        int taken = 0;
        foreach (byte[] part in _sent.Chunk(read))
        {
            Assert.True(_flow.Take(part, _run.MeasureFrom));
            taken += part.Length;
            Assert.Equal((taken / Size, taken % Size), (_flow.RoundTrips, _flow.Echoed));
            Assert.Equal((Depth - (taken / Size), Size * (Depth - (taken / Size))), (_flow.InFlight, _flow.Owed));
        }

        Assert.False(_flow.Take([0], _run.MeasureFrom));
        Assert.Contains("longer", _flow.Mismatch, StringComparison.Ordinal);
        Assert.Equal(Depth, _run.Totals().RoundTrips);
    }

    [Fact]
    public void A_byte_too_many_is_found_in_the_read_that_brings_the_last_echo() =>
        Assert.False(_flow.Take([.. _sent, 0], _run.MeasureFrom));

    public void Dispose() => _run.Dispose();

    // The same run and stream give the same messages.
    private byte[] Expected()
    {
        var again = new MessageFlow(_run, stream: 0, quota: Depth);
        return [.. Enumerable.Range(0, Depth).SelectMany(_ => again.Begin(_run.MeasureFrom, _run.MeasureFrom).ToArray())];
    }
}
