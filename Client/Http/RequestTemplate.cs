using System.Net.Http.Headers;
using RawEcho.Client.Targets;
using RawEcho.Terminal;

namespace RawEcho.Client.Http;

/// <summary>What every request to a URL has in common.</summary>
internal sealed record RequestTemplate
{
    private static readonly string Agent = ProgramVersion.Of("rawecho-client").Replace(' ', '/');

    public required HttpChoice Http { get; init; }

    public required HttpMethod Method { get; init; }

    /// <summary>Header lines, in the user's order.</summary>
    public required IReadOnlyList<RequestHeader> Headers { get; init; }

    /// <summary>Asks the server to close the connection after the response.</summary>
    public bool CloseAfterwards { get; init; }

    /// <summary>A request.</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="body">What it carries; null for no body.</param>
    public HttpRequestMessage Create(HttpUrl url, ReadOnlyMemory<byte>? body = null)
    {
        (Version version, HttpVersionPolicy policy) = Http.ForRequest(url.IsTls);
        var message = new HttpRequestMessage(Method, url.Location) { Version = version, VersionPolicy = policy };
        if (body is { } bytes) message.Content = new DuplexContent(bytes);
        foreach (RequestHeader header in Headers) header.AddTo(message);
        if (!message.Headers.NonValidated.Contains("User-Agent")) message.Headers.TryAddWithoutValidation("User-Agent", Agent);
        // HTTP/2 has no such header (RFC 9113 section 8.2.2): there the end of the connection says it.
        if (CloseAfterwards && Http == HttpChoice.Http11) message.Headers.ConnectionClose = true;
        return message;
    }
}

/// <summary>A header line of a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record RequestHeader(string Name, string Value)
{
    private static readonly string[] OfTheClient =
        ["Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];

    /// <summary>It tells of the body, and can only go with one.</summary>
    public bool IsOfBody { get; } = IsContentHeader(Name);

    /// <summary>Parses "Name: value".</summary>
    /// <param name="line">As the user wrote it.</param>
    /// <param name="header">The header; null when it is none.</param>
    /// <returns>Null, or why it cannot be sent, to be read after the line.</returns>
    public static string? TryParse(string line, out RequestHeader? header)
    {
        header = null;
        int colon = line.IndexOf(':');
        if (colon <= 0 || !IsToken(line[..colon])) return "is no header: one looks like 'Accept: text/plain'";
        string name = line[..colon], value = line[(colon + 1)..].Trim();
        if (value.Any(c => c is < ' ' or > '~' && c != '\t')) return "has characters that no header can carry (only ASCII is sent)";
        if (OfTheClient.Contains(name, StringComparer.OrdinalIgnoreCase)) return "is a header that the client sets by itself";
        header = new RequestHeader(name, value);
        return null;
    }

    /// <summary>A word of the characters that a method or the name of a header may have (RFC 9110 section 5.6.2).</summary>
    public static bool IsToken(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    public void AddTo(HttpRequestMessage message)
    {
        HttpHeaders headers = IsOfBody ? message.Content!.Headers : message.Headers;
        headers.TryAddWithoutValidation(Name, Value);
    }

    private static bool IsContentHeader(string name)
    {
        using var probe = new HttpRequestMessage();
        return !probe.Headers.TryAddWithoutValidation(name, "x");
    }
}
