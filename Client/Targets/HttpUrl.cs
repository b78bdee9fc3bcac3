using System.Diagnostics.CodeAnalysis;
using RawEcho.CommandLine;

namespace RawEcho.Client.Targets;

/// <summary>A URL that requests go to.</summary>
/// <param name="Address">Its host and port, with the usual port of the scheme where it names none.</param>
/// <param name="Location">The URL itself, without a fragment: that is no part of a request (RFC 9110 section 4.2.5).</param>
internal sealed record HttpUrl(HostPort Address, Uri Location)
{
    /// <summary>https: the connection is encrypted.</summary>
    public bool IsTls => Location.Scheme == Uri.UriSchemeHttps;

    /// <summary>Where rawecho-server sends the body of a request back.</summary>
    public bool IsEcho => Location.AbsolutePath == "/echo";

    /// <summary>True for a word that is meant as a URL, a good one or not: it names a scheme.</summary>
    public static bool IsMeant(string word) => word.Contains("://", StringComparison.Ordinal);

    /// <summary>Parses a URL of the schemes https and http.</summary>
    /// <param name="word">As the user wrote it.</param>
    /// <param name="url">The URL; null when it is none.</param>
    /// <param name="problem">Why it is none, to be read after the word; null when it is one.</param>
    public static bool TryParse(string word, [NotNullWhen(true)] out HttpUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = ProblemOf(word, out Uri? location);
        if (problem is not null) return false;
        var whole = new Uri(location!.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));
        url = new HttpUrl(new HostPort(whole.IdnHost, whole.Port), whole);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Location.AbsoluteUri;

    private static string? ProblemOf(string word, out Uri? location)
    {
        location = null;
        int end = word.IndexOf("://", StringComparison.Ordinal);
        if (end <= 0) return "is no URL: one begins with https:// or http://";
        string scheme = word[..end];
        if (!Uri.CheckSchemeName(scheme)) return "is no URL: one begins with https:// or http://";
        if (!scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase)
            && !scheme.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase))
            return $"has the scheme '{scheme}', and only https and http are spoken here";
        if (word.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) return "is no URL: it holds a blank or a control character";
        if (!Uri.TryCreate(word, UriKind.Absolute, out location) || location.IdnHost.Length == 0)
            return "is no URL: its host or its port cannot be";
        if (location.Port is <= 0 or > ushort.MaxValue) return "is no URL: its port cannot be";
        // A password on a command line is everybody's who can list processes.
        return location.UserInfo.Length > 0
            ? "holds a user's name, which is not sent: leave it out, or give the header by yourself (--header 'Authorization: ...')"
            : null;
    }
}
