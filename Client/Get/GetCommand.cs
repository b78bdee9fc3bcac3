using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using RawEcho.Client.Http;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Get;

/// <summary>The command "get".</summary>
internal static class GetCommand
{
    // A body is sent from memory. Larger ones are for programs that are made for that.
    private const long LargestBody = 256L * 1024 * 1024;

    public static Command Create()
    {
        var command = new Command("get", "Send one HTTP request, and print the status and the body of the response");
        OptionSet.Attach(command, Declare, settings => new GetProgram(settings).RunAsync());
        return command;
    }

    private static Func<ParseResult, GetSettings> Declare(OptionSet options)
    {
        OptionReader<HttpUrl> url = options.Add(new Argument<HttpUrl>("url")
        {
            Description = "Where the request goes: https://host[:port][/path] or http://...; redirects are shown and not followed",
            CustomParser = ParseUrl,
        });
        OptionReader<bool> include = options.Add(new Option<bool>("--include") { Description = "Print the headers of the response, too" });
        OptionReader<string?> output = options.Add(Parsers.FileName(
            "--output", "Write the body to this file, which is replaced when all of the body has come and not before"));
        var request = new RequestOptions(options, "over TLS what the server chooses, without TLS 1.1", "GET, with --data POST");
        OptionReader<string?> data = options.Add(new Option<string?>("--data")
        {
            Description = "The body of the request, or @FILE for what is in a file",
            HelpName = "text",
        });
        OptionReader<FailCondition[]> failIf = options.Add(FailIf());
        var connection = new SingleTargetOptions(options, "the URL");
        OptionReader<Written<TimeSpan>> timeout = options.Add(Parsers.Time(
            "--response-timeout", "How long the connection may stay without any data", "30s"));
        OptionReader<bool> quiet = options.Add(new Option<bool>("--quiet") { Description = "Print nothing but the body" });
        return parsed =>
        {
            HttpUrl where = url.Read(parsed);
            byte[]? body = data.Read(parsed) is { } text ? ReadBody(text) : null;
            RequestTemplate template = request.Read(parsed, body is not null, HttpChoice.Negotiated);
            return new GetSettings
            {
                Url = where,
                Targets = connection.Load(parsed, where),
                Request = template,
                Body = body is null ? null : new ReadOnlyMemory<byte>(body),
                Output = output.Read(parsed),
                Include = include.Read(parsed),
                Quiet = quiet.Read(parsed),
                ResponseTimeout = timeout.Read(parsed).Value,
                Conditions = failIf.Read(parsed),
            };
        };
    }

    private static HttpUrl ParseUrl(ArgumentResult result)
    {
        string word = result.Tokens[^1].Value;
        if (HttpUrl.TryParse(word, out HttpUrl? url, out string? problem)) return url;
        result.AddError($"'{word}' {problem}");
        return null!;
    }

    private static Option<FailCondition[]> FailIf()
    {
        Option<FailCondition[]> option = FailCondition.CreateOption();
        option.Description = "Fail with exit code 10 at such a status; may be given more than once: status>=400, status!=200";
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (FailCondition.TryParse(token.Value, out FailCondition condition) && condition is { Status: null } or { IsShare: true })
                    result.AddError($"--fail-if takes a status here, such as 'status>=400', not '{token.Value}'");
            }
        });
        return option;
    }

    private static byte[] ReadBody(string data)
    {
        if (data is not ['@', .. var file]) return Encoding.UTF8.GetBytes(data);
        try
        {
            using var stream = File.OpenRead(file);
            using var content = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer.AsSpan(0, read));
                if (content.Length > LargestBody)
                {
                    throw new CommandException(
                        ExitCode.Usage, $"--data @{file}: it has more than {LargestBody >> 20} MB, which are not sent.");
                }
            }

            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, $"--data @{file}: it cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }
}
