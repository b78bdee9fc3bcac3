using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;

namespace RawEcho.CommandLine;

/// <summary>Where it stands which verified peers may come in.</summary>
/// <param name="Lists">Files of revocation lists.</param>
/// <param name="Missing">What becomes of a peer whose issuer has no fresh list.</param>
/// <param name="Allowed">Entries of the allow-list.</param>
/// <param name="AllowFile">A file with more of them; null for none.</param>
public sealed record AdmissionSource(string[] Lists, MissingList Missing, string[] Allowed, string? AllowFile)
{
    /// <summary>The files that were named.</summary>
    public IEnumerable<string> Files => [.. Lists, .. AllowFile is null ? Array.Empty<string>() : [AllowFile]];

    /// <summary>Refuses options that would promise what cannot be kept where no peer is verified.</summary>
    /// <exception cref="CommandException">One was given.</exception>
    public void EnsureUnused()
    {
        string[] given = [.. Given()];
        if (given.Length == 0) return;
        const string why = "without certificates of the other side (--tls mutual) nobody can be told apart.";
        throw new CommandException(ExitCode.Usage, $"{string.Join(" and ", given)}: {why}");
    }

    /// <summary>Reads the files.</summary>
    /// <param name="read">Reads a file.</param>
    /// <param name="roots">The CAs that may have signed lists.</param>
    /// <param name="notes">Takes what the user should know of them.</param>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    internal PeerAdmission Load(Func<string, FileContent> read, X509Certificate2Collection roots, List<Note> notes) => new()
    {
        Revocation = LoadLists(read, roots, notes),
        Allowed = LoadAllowed(read, notes),
    };

    private RevocationLists? LoadLists(Func<string, FileContent> read, X509Certificate2Collection roots, List<Note> notes)
    {
        if (Lists.Length == 0)
        {
            if (Missing == MissingList.Allow)
                throw new CommandException(ExitCode.Usage, "--crl-missing allow needs --crl: without lists nothing is missing.");
            return null;
        }

        Action<CertificateFileException>? report = null;
        if (Missing == MissingList.Allow)
        {
            notes.Add(Note.Warning("--crl-missing allow: peers whose issuer's revocation list is missing, stale or forged are let in."));
            report = e => notes.Add(Note.Warning($"not used: {ProblemText.Of(e)}"));
        }

        IEnumerable<FileContent> files = Lists.Select(f => Read(f, read, report)).OfType<FileContent>();
        RevocationLists lists = RevocationLists.Load(files, roots, Missing, report);
        notes.AddRange(lists.WarningsAt(DateTimeOffset.UtcNow).Select(w => ProblemText.Of(w, Missing)));
        return lists;
    }

    private static FileContent? Read(string file, Func<string, FileContent> read, Action<CertificateFileException>? report)
    {
        try
        {
            return read(file);
        }
        catch (CertificateFileException e) when (report is not null)
        {
            report(e);
            return null;
        }
    }

    private PeerAllowList? LoadAllowed(Func<string, FileContent> read, List<Note> notes)
    {
        if (Allowed.Length == 0 && AllowFile is null) return null;
        var list = new PeerAllowList([.. Allowed, .. AllowFile is null ? [] : PeerAllowList.Read(read(AllowFile))]);
        if (list.Count == 0) notes.Add(Note.Warning($"{AllowFile} has no entry: nobody is let in."));
        return list;
    }

    private IEnumerable<string> Given()
    {
        if (Lists.Length > 0) yield return "--crl";
        if (Allowed.Length > 0) yield return "--allow";
        if (AllowFile is not null) yield return "--allow-file";
    }
}
