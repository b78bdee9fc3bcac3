using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Get;

/// <summary>The head of a response in words: the line of its status, and its headers.</summary>
internal static class ResponseHead
{
    /// <summary>Such as HTTP/1.1 200 OK. HTTP/2 has no reason phrase.</summary>
    public static string StatusLine(HttpResponseMessage response)
    {
        string version = response.Version.Minor == 0
            ? response.Version.Major.ToString(CultureInfo.InvariantCulture)
            : response.Version.ToString();
        string reason = response.Version.Major == 1 && response.ReasonPhrase is { Length: > 0 } phrase ? $" {phrase}" : "";
        return PeerText.Clean(string.Create(CultureInfo.InvariantCulture, $"HTTP/{version} {(int)response.StatusCode}{reason}"));
    }

    /// <summary>One line for each header, in the order in which they are kept.</summary>
    public static string Headers(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        Add(text, response.Headers.NonValidated);
        Add(text, response.Content.Headers.NonValidated);
        return text.ToString();
    }

    private static void Add(StringBuilder text, HttpHeadersNonValidated headers)
    {
        foreach ((string name, HeaderStringValues values) in headers)
        {
            foreach (string value in values) text.Append(PeerText.Clean($"{name}: {value}")).Append(Environment.NewLine);
        }
    }
}
