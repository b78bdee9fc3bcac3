using System.CommandLine;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Load;

/// <summary>The options of a load that are about HTTP, for every command that makes one.</summary>
internal sealed class HttpLoadOptions
{
    private readonly RequestOptions _request;
    private readonly OptionReader<bool> _noKeepAlive;

    /// <param name="options">Takes the options.</param>
    /// <param name="methodDefault">The method without --method, in words.</param>
    public HttpLoadOptions(OptionSet options, string methodDefault)
    {
        _request = new RequestOptions(options, "1.1", methodDefault);
        _noKeepAlive = options.Add(new Option<bool>("--no-keep-alive")
        {
            Description = "A connection for each request, whose latency then holds connecting and shaking hands",
        });
    }

    /// <summary>What requests are like; null where messages are echoed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="targets">Where they go.</param>
    /// <param name="hasBody">A size was given: requests carry a body.</param>
    /// <param name="depth">Requests in flight on a connection, at most.</param>
    /// <exception cref="CommandException">The options contradict each other, or make no sense for such targets.</exception>
    public HttpShape? Read(ParseResult parsed, TargetSettings targets, bool hasBody, int depth)
    {
        bool noKeepAlive = _noKeepAlive.Read(parsed);
        if (targets.Urls.Count == 0)
        {
            RequestOptions.Refuse([.. _request.Given(parsed), .. IsGiven(parsed) ? ["--no-keep-alive"] : Array.Empty<string>()]);
            return null;
        }

        RequestTemplate request = _request.Read(parsed, hasBody, HttpChoice.Http11);
        if (depth > 1 && request.Http == HttpChoice.Http11)
        {
            throw new CommandException(
                ExitCode.Usage, "--depth: over HTTP/1.1 a connection has one request at a time; --http 2 takes more.");
        }

        if (depth > 1 && noKeepAlive)
            throw new CommandException(ExitCode.Usage, "--depth and --no-keep-alive: choose one of the two.");
        return new HttpShape
        {
            Request = request with { CloseAfterwards = noKeepAlive },
            HasBody = hasBody,
            KeepAlive = !noKeepAlive,
        };
    }

    private bool IsGiven(ParseResult parsed) => _noKeepAlive.IsGiven(parsed.CommandResult);
}
