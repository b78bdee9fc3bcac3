using System.Globalization;
using RawEcho.CommandLine;
using RawEcho.Commands;

namespace RawEcho.Client.Load;

/// <summary>How long messages are: one size, a range, or a list of sizes and ranges with weights.</summary>
internal sealed class SizeDistribution
{
    /// <summary>The largest message, bytes.</summary>
    public const int Largest = 64 * 1024 * 1024;

    private readonly Part[] _parts;
    private readonly ulong _totalWeight;

    private SizeDistribution(Part[] parts, string text)
    {
        _parts = parts;
        _totalWeight = parts[^1].UpToWeight;
        Max = parts.Max(p => p.Max);
        Text = text;
    }

    /// <summary>The largest size there may be, bytes.</summary>
    public int Max { get; }

    /// <summary>As a command line takes it, in bytes alone: "64KiB" is 65536, so that two runs of one size have one text.</summary>
    public string Text { get; }

    /// <summary>Sizes in a range, each as likely as the other.</summary>
    public static SizeDistribution Of(int min, int max) => new([new Part(min, max, 1)], min == max ? $"{min}" : $"{min}-{max}");

    /// <summary>Parses "100", "1-100", or "64:90,1k-2k:9,64KiB:1" (size or range, colon, weight; without a weight it is 1).</summary>
    public static bool TryParse(string text, out SizeDistribution sizes)
    {
        sizes = null!;
        var parts = new List<Part>();
        var words = new List<string>();
        ulong weights = 0;
        foreach (string word in text.Split(','))
        {
            string[] halves = word.Split(':');
            long weight = 1;
            if (halves.Length > 2 || !Parsers.TryRange(halves[0], out (int Min, int Max) range) || range.Max > Largest) return false;
            if (halves.Length == 2
                && (!NumberText.TryWhole(halves[1], out weight) || weight is 0 or > uint.MaxValue))
                return false;
            weights += (ulong)weight;
            string size = string.Create(
                CultureInfo.InvariantCulture, $"{range.Min}{(range.Max > range.Min ? $"-{range.Max}" : "")}");
            words.Add(halves.Length == 2 ? string.Create(CultureInfo.InvariantCulture, $"{size}:{weight}") : size);
            parts.Add(new Part(range.Min, range.Max, weights));
        }

        sizes = new SizeDistribution([.. parts], string.Join(',', words));
        return true;
    }

    /// <summary>The next size, bytes.</summary>
    public int Next(ref RandomSequence random)
    {
        Part part = _parts.Length == 1 ? _parts[0] : Choose(random.Next());
        return part.Min == part.Max ? part.Min : part.Min + (int)Scale(random.Next(), (ulong)(part.Max - part.Min + 1));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private Part Choose(ulong random)
    {
        ulong at = Scale(random, _totalWeight);
        foreach (Part part in _parts)
        {
            if (at < part.UpToWeight) return part;
        }

        return _parts[^1];
    }

    // The upper half of a product takes random bits to a range without a division.
    private static ulong Scale(ulong random, ulong range) => Math.BigMul(random, range, out _);

    private readonly record struct Part(int Min, int Max, ulong UpToWeight);
}
