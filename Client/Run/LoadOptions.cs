using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.Client.Load;
using RawEcho.CommandLine;
using RawEcho.Commands;

namespace RawEcho.Client.Run;

/// <summary>The options that say what a load is made of, for every command that makes one.</summary>
internal sealed class LoadOptions
{
    private const string EchoMeaning =
        "How long a connection may stay without any data while an echo or a response is owed; for the first echo of all 5s, unless given";
    private const double MaxRate = 10_000_000;
    private static readonly TimeSpan FirstEcho = TimeSpan.FromSeconds(5);

    private readonly OptionReader<int> _clients;
    private readonly OptionReader<Written<SizeDistribution>> _size;
    private readonly OptionReader<int> _depth;
    private readonly OptionReader<long?> _seed;
    private readonly OptionReader<Written<TimeSpan>> _echo;
    private readonly OptionReader<Written<TimeSpan>> _drain;

    public LoadOptions(OptionSet options)
    {
        _clients = options.Add(Parsers.Number("--clients", "Connections", 64, 1, 1_000_000));
        _size = options.Add(Parsers.Value<SizeDistribution>(
            "--size", "bytes",
            "Bytes of a message, or of the body of a request: a number, a range to choose from at random, or a list with weights such as "
            + "64:90,1k-2k:9,64KiB:1",
            "1-100", SizeDistribution.TryParse,
            $"a number of bytes, a range such as 1-100, or a list such as 64:90,1k-64KiB:10, each at most {SizeDistribution.Largest}"));
        _depth = options.Add(Parsers.Number(
            "--depth", "Messages in flight on a connection, at most (requests: with --http 2)", 1, 1, 65_536));
        _seed = options.Add(new Option<long?>("--seed")
        {
            Description = "Two runs with the same seed send the same messages on each connection; default: another one each time",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, TrySeed, out long seed, "a whole number from 0") ? seed : null,
        });
        _echo = options.Add(
            Parsers.Time("--echo-timeout", EchoMeaning, "30s"));
        _drain = options.Add(Parsers.Time(
            "--drain-timeout", "How long to wait for the last echoes or responses when the run is over", "5s"));
    }

    /// <summary>The load, without when it ends.</summary>
    public LoadShape Shape(ParseResult parsed) => new()
    {
        Clients = _clients.Read(parsed),
        Sizes = _size.Read(parsed).Value,
        Depth = _depth.Read(parsed),
        Seed = _seed.Read(parsed) ?? NewSeed(),
    };

    /// <summary>True when the size of messages was named.</summary>
    public bool IsSizeGiven(ParseResult parsed) => _size.IsSet(parsed.CommandResult);

    /// <summary>True when the seed was named.</summary>
    public bool IsSeedGiven(ParseResult parsed) => _seed.IsSet(parsed.CommandResult);

    /// <summary>The seed of a run where none was named.</summary>
    // Within what every reader of JSON takes for a whole number (RFC 8259 section 6).
    public static long NewSeed() => Random.Shared.NextInt64(1L << 53);

    /// <summary>The options that are about messages, as far as they were given.</summary>
    public IEnumerable<string> GivenForMessages(ParseResult parsed)
    {
        if (IsSizeGiven(parsed)) yield return "--size";
        if (_depth.IsGiven(parsed.CommandResult)) yield return "--depth";
        if (_seed.IsGiven(parsed.CommandResult)) yield return "--seed";
    }

    /// <summary>How long an echo may take.</summary>
    public TimeSpan EchoTimeout(ParseResult parsed) => _echo.Read(parsed).Value;

    /// <summary>How long the first echo of all may take: as long as any, if that was given.</summary>
    public TimeSpan FirstEchoTimeout(ParseResult parsed) => _echo.IsSet(parsed.CommandResult) ? EchoTimeout(parsed) : FirstEcho;

    /// <summary>How long the last echoes may take.</summary>
    public TimeSpan DrainTimeout(ParseResult parsed) => _drain.Read(parsed).Value;

    /// <summary>A time that is no limit: "off" is none at all.</summary>
    public static TimeSpan OffIsZero(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : time;

    /// <summary>Parses messages a second.</summary>
    public static bool TryRate(string word, out double rate)
    {
        bool isNumber = NumberText.TryParse(word, out decimal number);
        rate = (double)number;
        return isNumber && rate is > 0 and <= MaxRate;
    }

    /// <summary>The one word of an option that takes a rate.</summary>
    public static double? ParseRate(ArgumentResult result) =>
        Parsers.Parse(result, TryRate, out double rate, $"a number such as 500 or 5k, above 0 and up to {MaxRate:0}") ? rate : null;

    /// <summary>What <see cref="TryStages"/> takes, in words.</summary>
    public const string StagesExpected =
        "stages such as 1k:30s,5k:1m,0:10s, each a rate and a time, that send at least one message";

    /// <summary>Parses stages.</summary>
    public static bool TryStages(string word, out RateStages stages) => RateStages.TryParse(word, MaxRate, out stages);

    private static bool TrySeed(string word, out long seed) =>
        NumberText.TryWhole(word, out seed) && seed < 1L << 53;
}
