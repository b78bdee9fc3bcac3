namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>
/// The revocation lists that one CA has signed. It may have several at a time, each for a part of its certificates; a newer one takes the
/// place of those that it includes.
/// </summary>
internal sealed class AuthorityLists
{
    private readonly Listed[] _newestFirst;

    private AuthorityLists(Listed[] newestFirst) => _newestFirst = newestFirst;

    /// <summary>Of a CA that has signed none.</summary>
    public static AuthorityLists None { get; } = new([]);

    public static AuthorityLists Of(IEnumerable<RevocationList> lists)
    {
        RevocationList[] all = [.. lists.OrderByDescending(l => l.ThisUpdate)];
        return new([.. all.Select(l => new Listed(l, WhenReplaced(l, all)))]);
    }

    /// <summary>True when a list names the certificate, be it stale or not yet valid.</summary>
    public bool Name(PathCertificate certificate, DateTimeOffset now)
    {
        foreach (Listed listed in _newestFirst)
        {
            if (now < listed.Replaced && listed.List.Serials.Contains(certificate.Serial)) return true;
        }

        return false;
    }

    /// <summary>Why the lists do not say that a certificate is good which they do not name.</summary>
    /// <param name="certificate">One of this CA's.</param>
    /// <param name="now">The moment at which the lists must be fresh.</param>
    /// <param name="date">Since when or from when on a list is of no use, for the gaps that have a date.</param>
    /// <returns><see cref="RevocationGap.None"/> when it is good.</returns>
    public RevocationGap FindGap(PathCertificate certificate, DateTimeOffset now, out DateTimeOffset? date)
    {
        RevocationGap gap = _newestFirst.Length == 0 ? RevocationGap.NoList : RevocationGap.OutOfScope;
        date = null;
        foreach (Listed listed in _newestFirst)
        {
            RevocationList list = listed.List;
            if (now >= listed.Replaced || !list.Scope.Covers(certificate)) continue;
            if (now < list.ThisUpdate) (gap, date) = (RevocationGap.NotYetValid, list.ThisUpdate);
            else if (now > list.NextUpdate) (gap, date) = (RevocationGap.Stale, list.NextUpdate);
            else return RevocationGap.None;
        }

        return gap;
    }

    // All of those that take its place have been issued since: the first of them does.
    private static DateTimeOffset WhenReplaced(RevocationList list, RevocationList[] all) => all
        .Where(l => l.ThisUpdate > list.ThisUpdate && l.Scope.Includes(list.Scope))
        .Select(l => l.ThisUpdate)
        .DefaultIfEmpty(DateTimeOffset.MaxValue)
        .Min();

    private readonly record struct Listed(RevocationList List, DateTimeOffset Replaced);
}
