using System.CommandLine;
using RawEcho.Client.Load;
using RawEcho.CommandLine;

namespace RawEcho.Client.Run;

/// <summary>The options of a run that say how its messages follow each other in time, and how long connections are kept.</summary>
internal sealed class PaceOptions
{
    private static readonly Dictionary<string, bool> Arrivals = new(StringComparer.OrdinalIgnoreCase)
    {
        ["uniform"] = false,
        ["poisson"] = true,
    };

    private readonly OptionReader<double?> _rate;
    private readonly OptionReader<RateStages?> _stages;
    private readonly OptionReader<Written<bool>?> _arrivals;
    private readonly OptionReader<long?> _perConnection;
    private readonly OptionReader<bool> _full;

    public PaceOptions(OptionSet options)
    {
        _rate = options.Add(new Option<double?>("--rate")
        {
            Description = "Messages a second over all connections, each at its own time (open loop); "
                + "without it as many as the server answers",
            HelpName = "number",
            CustomParser = r => LoadOptions.ParseRate(r),
        });
        _stages = options.Add(new Option<RateStages?>("--stages")
        {
            Description = "A rate that changes, instead of --rate and --duration: in each stage it goes evenly from that of the stage "
                + "before, at first from 0, to its own. 1k:30s,1k:1m,0:10s rises to 1k, holds it and falls; a time of 0 is a jump",
            HelpName = "rate:time,...",
            CustomParser = r => Parsers.Parse(r, LoadOptions.TryStages, out RateStages stages, LoadOptions.StagesExpected) ? stages : null,
        });
        _arrivals = options.Add(new Option<Written<bool>?>("--arrivals")
        {
            Description = "Times of the messages of --rate or --stages: uniform (the default), or poisson, at random as of independent "
                + "users, the same with the same --seed",
            HelpName = "uniform|poisson",
            CustomParser = r => Parsers.Parse(r, Arrivals.TryGetValue, out bool isPoisson, "uniform or poisson")
                ? new Written<bool>(isPoisson, r.Tokens[^1].Value)
                : null,
        });
        _perConnection = options.Add(new Option<long?>("--messages-per-connection")
        {
            Description = "After so many messages a connection is closed in order, and another one opened in its place",
            HelpName = "number",
            CustomParser = r => Parsers.Parse(r, Parsers.TryCount, out long count, "a whole number from 1") ? count : null,
        });
        _full = options.Add(new Option<bool>("--full-handshakes")
        {
            Description = "No connection offers to resume the TLS session of another one",
        });
    }

    /// <summary>The options that are about messages, as far as they were given.</summary>
    public IEnumerable<string> GivenForMessages(ParseResult parsed)
    {
        if (_rate.IsSet(parsed.CommandResult)) yield return "--rate";
        if (_stages.IsSet(parsed.CommandResult)) yield return "--stages";
        if (_arrivals.IsGiven(parsed.CommandResult)) yield return "--arrivals";
        if (_perConnection.IsSet(parsed.CommandResult)) yield return "--messages-per-connection";
    }

    /// <summary>Whether TLS sessions are left alone.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="tls">How much of TLS there is.</param>
    /// <exception cref="CommandException">There is no TLS.</exception>
    public bool FullHandshakes(ParseResult parsed, TlsLevel tls)
    {
        bool isFull = _full.Read(parsed);
        if (isFull && tls == TlsLevel.None && _full.IsGiven(parsed.CommandResult))
            throw new CommandException(ExitCode.Usage, "--full-handshakes: there is no handshake without TLS.");
        return isFull;
    }

    /// <summary>Adds the pace to a load that has its duration, its ramp and its warm-up.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shape">The load.</param>
    /// <param name="excluded">Options that stages exclude, and whether they stand on the command line.</param>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public LoadShape Read(ParseResult parsed, LoadShape shape, params IReadOnlyList<(string Name, bool IsGiven)> excluded)
    {
        (bool isSteady, bool isStaged) = OneOfTwo.That(parsed, _rate, _stages);
        double? rate = _rate.Read(parsed) is { } r && isSteady ? r : null;
        RateStages? stages = _stages.Read(parsed) is { } s && isStaged ? s : null;
        if (stages is not null && (rate is not null || excluded.Any(o => o.IsGiven)))
        {
            string other = rate is not null ? "--rate" : excluded.First(o => o.IsGiven).Name;
            throw new CommandException(ExitCode.Usage, $"--stages and {other}: choose one of the two.");
        }

        if (stages is not null && shape.Warmup >= stages.Time)
            throw new CommandException(ExitCode.Usage, "--warmup: it takes all of the stages, and nothing would be measured.");
        Written<bool>? arrivals = _arrivals.Read(parsed);
        if (arrivals is { } named && _arrivals.IsGiven(parsed.CommandResult) && rate is null && stages is null)
            throw new CommandException(ExitCode.Usage, $"--arrivals {named.Text} needs --rate or --stages: only then messages have times.");
        return shape with
        {
            Rate = rate,
            Stages = stages,
            Duration = stages is null ? shape.Duration : stages.Time - shape.Warmup,
            Messages = stages is null ? shape.Messages : null,
            Ramp = stages is null ? shape.Ramp : TimeSpan.Zero,
            IsPoisson = arrivals?.Value == true && (rate is not null || stages is not null),
            MessagesPerConnection = _perConnection.Read(parsed),
        };
    }
}
