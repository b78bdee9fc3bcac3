using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http;

/// <summary>The options that say what a request is like, for every command that sends some.</summary>
internal sealed class RequestOptions
{
    private readonly OptionReader<Written<HttpChoice>?> _http;
    private readonly OptionReader<string?> _method;
    private readonly OptionReader<RequestHeader[]> _headers;

    /// <param name="options">Takes the options.</param>
    /// <param name="httpDefault">What is spoken without --http, in words.</param>
    /// <param name="methodDefault">The method without --method, in words.</param>
    public RequestOptions(OptionSet options, string httpDefault, string methodDefault)
    {
        _http = options.Add(new Option<Written<HttpChoice>?>("--http")
        {
            Description = $"The version of HTTP; default: {httpDefault}",
            HelpName = "1.1|2",
            CustomParser = r => Parsers.Parse(r, HttpChoices.TryParse, out HttpChoice choice, "1.1 or 2")
                ? new Written<HttpChoice>(choice, r.Tokens[^1].Value)
                : null,
        });
        _method = options.Add(new Option<string?>("--method")
        {
            Description = $"The method of a request; default: {methodDefault}",
            HelpName = "name",
            CustomParser = r => Parsers.Parse(r, TryMethod, out string name, "a method such as GET or POST") ? name : null,
        });
        _headers = options.Add(new Option<RequestHeader[]>("--header")
        {
            Description = "A header of every request, such as 'Accept: text/plain'; may be given more than once",
            HelpName = "line",
            DefaultValueFactory = _ => [],
            CustomParser = r => [.. r.Tokens.Select(t => Header(r, t.Value))],
            Arity = ArgumentArity.OneOrMore,
        });
    }

    /// <summary>The names of those that stand on the command line.</summary>
    public IEnumerable<string> Given(ParseResult parsed)
    {
        (_, _, _) = (_http.Read(parsed), _method.Read(parsed), _headers.Read(parsed));
        if (_http.IsGiven(parsed.CommandResult)) yield return "--http";
        if (_method.IsGiven(parsed.CommandResult)) yield return "--method";
        if (_headers.IsGiven(parsed.CommandResult)) yield return "--header";
    }

    /// <summary>Refuses options of requests where there is no URL that they could go to.</summary>
    /// <param name="given">Those that stand on the command line.</param>
    /// <exception cref="CommandException">There is one.</exception>
    public static void Refuse(IReadOnlyList<string> given)
    {
        if (given.Count == 0) return;
        const string why = "messages that are echoed are no HTTP requests. Name a URL: https://host:port/path.";
        throw new CommandException(ExitCode.Usage, $"{string.Join(" and ", given)}: {why}");
    }

    /// <summary>The request that was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="hasBody">It carries a body.</param>
    /// <param name="httpDefault">What is spoken without --http.</param>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public RequestTemplate Read(ParseResult parsed, bool hasBody, HttpChoice httpDefault)
    {
        RequestHeader[] headers = _headers.Read(parsed);
        if (!hasBody && Array.Find(headers, h => h.IsOfBody) is { } lost)
        {
            throw new CommandException(
                ExitCode.Usage, $"--header '{lost.Name}: {lost.Value}' tells of a body, and the request has none (--data or --size).");
        }

        var method = new HttpMethod(_method.Read(parsed) ?? (hasBody ? "POST" : "GET"));
        if (hasBody && (method == HttpMethod.Head || method == HttpMethod.Trace))
            throw new CommandException(ExitCode.Usage, $"--method {method}: a request with this method has no body.");
        return new RequestTemplate
        {
            Http = _http.Read(parsed)?.Value ?? httpDefault,
            Method = method,
            Headers = headers,
        };
    }

    private static bool TryMethod(string word, out string method) =>
        RequestHeader.IsToken(method = word) && !word.Equals("CONNECT", StringComparison.OrdinalIgnoreCase);

    private static RequestHeader Header(ArgumentResult result, string word)
    {
        if (RequestHeader.TryParse(word, out RequestHeader? header) is not { } problem) return header!;
        result.AddError($"--header '{word}' {problem}");
        return new RequestHeader("X", "");
    }
}
