using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.CommandLine;

namespace RawEcho.Client.Targets;

/// <summary>
/// A target as the first words of a command line name it: a URL for requests, or an address for messages that are echoed.
/// </summary>
/// <param name="Address">Host and port; the port of rawecho-server where none is named.</param>
/// <param name="Url">Where requests go; null for an address.</param>
internal sealed record TargetWord(HostPort Address, HttpUrl? Url)
{
    private const string Kinds = "a URL such as https://localhost:8443/ or an address such as localhost";

    /// <summary>An address as it was written, with or without a port; empty for a URL.</summary>
    public string Word { get; private init; } = string.Empty;

    /// <summary>As a user writes it.</summary>
    public string Text => Url?.ToString() ?? Word;

    /// <summary>Any number of targets.</summary>
    public static Argument<TargetWord[]> CreateArgument() => new("target")
    {
        Description = "https://... or http://... for HTTP requests, host[:port] for echoes (port 7443); several are used in turn",
        DefaultValueFactory = _ => [],
        CustomParser = r => [.. r.Tokens.Select(t => Parse(r, t.Value))],
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>At most one target.</summary>
    public static Argument<TargetWord?> CreateSingleArgument() => new("target")
    {
        Description = "https://... or http://... for a web server, host[:port] for another one (port 7443, or the usual one of --starttls)",
        CustomParser = r => Parse(r, r.Tokens[^1].Value),
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static TargetWord Parse(ArgumentResult result, string word)
    {
        if (HttpUrl.IsMeant(word))
        {
            if (HttpUrl.TryParse(word, out HttpUrl? url, out string? problem)) return new TargetWord(url.Address, url);
            result.AddError($"'{word}' {problem}");
        }
        else if (Parsers.TryServer(word, Parsers.EchoPort, out HostPort address))
        {
            return new TargetWord(address, null) { Word = word };
        }
        else
        {
            result.AddError($"'{word}' is no target: one is {Kinds}");
        }

        return new TargetWord(default, null);
    }
}
