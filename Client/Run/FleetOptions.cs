using System.CommandLine;
using System.Globalization;
using System.Net;
using RawEcho.Client.Load;
using RawEcho.CommandLine;
using RawEcho.Commands;

namespace RawEcho.Client.Run;

/// <summary>The options of a run that is one of several on several machines: which one it is, and when all of them begin.</summary>
internal sealed class FleetOptions
{
    /// <summary>The port of NTP.</summary>
    private const int ClockPort = 123;
    private const int MostMembers = 10_000;

    // Kubernetes (JOB_COMPLETION_INDEX) and Slurm (SLURM_PROCID) count from 0, and the one has no shell that could add 1.
    private const string FromZero = "index:";

    private static readonly string[] Times =
    [
        "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
    ];

    private readonly OptionReader<(int Member, int Members)?> _fleet;
    private readonly OptionReader<DateTimeOffset?> _startAt;
    private readonly OptionReader<HostPort?> _clock;

    public FleetOptions(OptionSet options)
    {
        _fleet = options.Add(new Option<(int Member, int Members)?>("--fleet")
        {
            Description = "This is member N of M that make one load: --clients, --rate, --stages and --messages are those of all of them, "
                + "and this one takes its share. Needs --start-at; the same command line for each, but for N. index:N/M counts from 0",
            HelpName = "N/M",
            CustomParser = r => Parsers.Parse(
                r, TryFleet, out (int, int) share,
                $"N/M, such as 2/4 or index:1/4: a member and how many there are, up to {MostMembers}")
                ? share
                : null,
        });
        _startAt = options.Add(new Option<DateTimeOffset?>("--start-at")
        {
            Description = "Connect all before, and send the first message at this time: ISO 8601 with a zone, such as "
                + "2026-11-28T12:00:00Z, at most 24 hours ahead",
            HelpName = "time",
            CustomParser = r => Parsers.Parse(
                r, TryTime, out DateTimeOffset time, "a time with its zone, such as 2026-11-28T12:00:00Z or 2026-11-28T13:00:00+01:00")
                ? time
                : null,
        });
        _clock = options.Add(new Option<HostPort?>("--clock")
        {
            Description = "Ask this time server (NTP, without a port 123) how far the clock of this machine is off, and start by its time",
            HelpName = "host[:port]",
            CustomParser = r => Parsers.Parse(r, TryClock, out HostPort server, "an address such as ntp.example.org or 192.0.2.1:123")
                ? server
                : null,
        });
    }

    /// <summary>The start that was agreed; null for none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="excluded">Options that it excludes, and whether they are in force.</param>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public StartPlan? ReadStart(ParseResult parsed, params IReadOnlyList<(string Name, bool IsGiven)> excluded)
    {
        HostPort? clock = _clock.Read(parsed);
        if (_startAt.Read(parsed) is not { } at)
        {
            if (_clock.IsGiven(parsed.CommandResult))
                throw new CommandException(ExitCode.Usage, "--clock needs --start-at: that is the time which it is for.");
            return null;
        }

        if (excluded.FirstOrDefault(o => o.IsGiven).Name is { } other)
            throw new CommandException(ExitCode.Usage, $"--start-at and {other}: choose one of the two.");
        return new StartPlan(at, clock);
    }

    /// <summary>Gives the load of a fleet the share of this member.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shape">The load of the whole fleet.</param>
    /// <param name="start">The start that was agreed; null for none.</param>
    /// <param name="isSeedGiven">The seed was named.</param>
    /// <returns>The same without --fleet.</returns>
    /// <exception cref="CommandException">It cannot be done so.</exception>
    public LoadShape ReadShare(ParseResult parsed, LoadShape shape, StartPlan? start, bool isSeedGiven)
    {
        if (_fleet.Read(parsed) is not (var member, var members)) return shape;
        if (start is null)
            throw new CommandException(ExitCode.Usage, "--fleet needs --start-at: all members begin at one time.");
        if (shape.Clients < members) throw TooFew("--clients", shape.Clients, members);
        if (shape.Messages < members) throw TooFew("--messages", shape.Messages.Value, members);
        var share = new FleetShare(member, members, shape.Clients);
        return shape with
        {
            Clients = share.Clients,
            Fleet = share,
            // The same in all members, and another one for each load. Connections have streams of their own by their number.
            Seed = isSeedGiven ? shape.Seed : start.At.ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>
    /// The local addresses of this member: one alone is its own, of several each member takes its part, and so no two have one in common.
    /// </summary>
    /// <exception cref="CommandException">There are too few.</exception>
    public static IReadOnlyList<IPAddress> SourcesOf(FleetShare? share, IReadOnlyList<IPAddress> named)
    {
        if (share is not { } of || named.Count <= 1) return named;
        if (named.Count < of.Members)
        {
            throw new CommandException(
                ExitCode.Usage,
                FormattableString.Invariant($"--source: {named.Count} addresses are too few for {of.Members} members: ")
                + "name one for each, or one that is this member's own.");
        }

        return [.. named.Where((_, i) => i % of.Members == of.Member - 1)];
    }

    private static CommandException TooFew(string option, long count, int members) => new(
        ExitCode.Usage, FormattableString.Invariant($"{option} {count} is too few for {members} members: each needs at least one."));

    private static bool TryFleet(string word, out (int Member, int Members) fleet)
    {
        fleet = default;
        bool isFromZero = word.StartsWith(FromZero, StringComparison.Ordinal);
        if (isFromZero) word = word[FromZero.Length..];
        if (word.Split('/') is not [var first, var second]) return false;
        if (!NumberText.TryWhole(first, out long member) || !NumberText.TryWhole(second, out long members)) return false;
        if (isFromZero) member++;
        fleet = ((int)Math.Min(member, int.MaxValue), (int)Math.Min(members, int.MaxValue));
        return member >= 1 && member <= members && members <= MostMembers;
    }

    private static bool TryTime(string word, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        word, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static bool TryClock(string word, out HostPort server) => Parsers.TryServer(word, ClockPort, out server);
}
