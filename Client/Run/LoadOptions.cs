using System.CommandLine;
using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.CommandLine;

namespace RawEcho.Client.Run;

/// <summary>The options that say what a load is made of, for every command that makes one.</summary>
internal sealed class LoadOptions
{
    private readonly Option<int> _clients = Parsers.Number("--clients", "Connections", 64, 1, 1_000_000);

    private readonly Option<Written<SizeDistribution>> _size = Parsers.Value<SizeDistribution>(
        "--size", "bytes", "Bytes of a message: a number, a range to choose from at random, or a list with weights such as 64:90,1000-2000:9,65536:1",
        "1-100", SizeDistribution.TryParse, $"a number of bytes, a range such as 1-100, or a list such as 64:90,1000-2000:10, each at most {SizeDistribution.Largest}");

    private readonly Option<int> _depth = Parsers.Number("--depth", "Messages in flight on a connection, at most", 1, 1, 65_536);

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Two runs with the same seed send the same messages on each connection; default: another one each time",
        HelpName = "number",
        CustomParser = r => Parsers.Parse(r, TrySeed, out long seed, "a whole number from 0") ? seed : null,
    };

    private readonly Option<Written<TimeSpan>> _echo = Parsers.Time("--echo-timeout", "How long a connection may stay without any data while an echo is owed", "30s");
    private readonly Option<Written<TimeSpan>> _drain = Parsers.Time("--drain-timeout", "How long to wait for the last echoes when the run is over", "5s");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _clients, _size, _depth, _seed, _echo, _drain }) command.Options.Add(option);
    }

    /// <summary>The load, without when it ends.</summary>
    public LoadShape Shape(ParseResult parsed) => new()
    {
        Clients = parsed.GetValue(_clients),
        Sizes = parsed.GetValue(_size).Value,
        Depth = parsed.GetValue(_depth),
        // Within what every reader of JSON takes for a whole number (RFC 8259 section 6).
        Seed = parsed.GetValue(_seed) ?? Random.Shared.NextInt64(1L << 53),
    };

    /// <summary>How long an echo may take.</summary>
    public TimeSpan EchoTimeout(ParseResult parsed) => parsed.GetValue(_echo).Value;

    /// <summary>How long the last echoes may take.</summary>
    public TimeSpan DrainTimeout(ParseResult parsed) => parsed.GetValue(_drain).Value;

    private static bool TrySeed(string word, out long seed) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out seed) && seed < 1L << 53;
}
