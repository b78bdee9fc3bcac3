using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Engine.Tls;

namespace RawEcho.CommandLine;

/// <summary>The options that say which verified peers may come in: revocation lists on both sides, allow-lists on the server's.</summary>
internal sealed class AdmissionOptions
{
    private static readonly Dictionary<string, MissingList> Missing = new(StringComparer.OrdinalIgnoreCase)
    {
        ["refuse"] = MissingList.Refuse,
        ["allow"] = MissingList.Allow,
    };

    private readonly Option<string[]> _lists = new("--crl")
    {
        Description = "Revocation lists of the peers' CAs (PEM or DER); may be given more than once. "
            + "Who is on one, or on none that is fresh, is refused",
        HelpName = "file",
        CustomParser = r => [.. r.Tokens.Select(t => NotEmpty(r, t.Value))],
    };

    private readonly Option<Written<MissingList>> _missing = Parsers.Value<MissingList>(
        "--crl-missing", "refuse|allow", "What becomes of a peer whose issuer's list is missing, stale or forged",
        "refuse", Missing.TryGetValue, "refuse or allow");

    private readonly Option<string[]>? _allowed;
    private readonly Option<string?>? _allowFile;

    /// <param name="ownRole">The side this program is on.</param>
    public AdmissionOptions(PeerRole ownRole)
    {
        if (ownRole != PeerRole.Server) return;
        _allowed = new("--allow")
        {
            Description = "Let in only clients with cn:NAME, dns:NAME, uri:URI or sha256:HEX in or of their certificate; may be given more than once",
            HelpName = "entry",
            CustomParser = r => [.. r.Tokens.Select(t => Entry(r, t.Value))],
        };
        _allowFile = Parsers.FileName("--allow-file", "File with such entries, one a line (# for remarks); read again when it changes");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_lists);
        command.Options.Add(_missing);
        if (_allowed is not null) command.Options.Add(_allowed);
        if (_allowFile is not null) command.Options.Add(_allowFile);
    }

    /// <summary>The files that were named.</summary>
    public IEnumerable<string> Files(ParseResult parsed) => [.. Lists(parsed), .. AllowFile(parsed) is { } file ? new[] { file } : []];

    /// <summary>Refuses options that would promise what cannot be kept where no peer is verified.</summary>
    /// <exception cref="CommandException">One was given.</exception>
    public void EnsureUnused(ParseResult parsed)
    {
        string[] given = [.. Given(parsed)];
        if (given.Length == 0) return;
        throw new CommandException(
            ExitCode.Usage, $"{string.Join(" and ", given)}: without certificates of the other side (--tls mutual) nobody can be told apart.");
    }

    /// <summary>Reads the files.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="roots">The CAs that may have signed lists.</param>
    /// <param name="notes">Takes what the user should know of them.</param>
    /// <exception cref="CertificateFileException">A file is of no use.</exception>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public PeerAdmission Load(ParseResult parsed, X509Certificate2Collection roots, List<Note> notes) => new()
    {
        Revocation = LoadLists(parsed, roots, notes),
        Allowed = LoadAllowed(parsed, notes),
    };

    private RevocationLists? LoadLists(ParseResult parsed, X509Certificate2Collection roots, List<Note> notes)
    {
        string[] files = Lists(parsed);
        MissingList missing = parsed.GetValue(_missing).Value;
        if (files.Length == 0)
        {
            if (missing == MissingList.Allow)
                throw new CommandException(ExitCode.Usage, "--crl-missing allow needs --crl: without lists nothing is missing.");
            return null;
        }

        if (missing == MissingList.Allow)
        {
            notes.Add(Note.Warning("--crl-missing allow: peers whose issuer's revocation list is missing, stale or forged are let in."));
            files = [.. files.Where(f => IsOfUse(f, roots, notes))];
        }

        RevocationLists lists = RevocationLists.Load(files, roots, missing);
        notes.AddRange(lists.WarningsAt(DateTimeOffset.UtcNow).Select(w => ProblemText.Of(w, missing)));
        return lists;
    }

    private static bool IsOfUse(string file, X509Certificate2Collection roots, List<Note> notes)
    {
        try
        {
            RevocationLists.Load([file], roots);
            return true;
        }
        catch (CertificateFileException e)
        {
            notes.Add(Note.Warning($"not used: {ProblemText.Of(e)}"));
            return false;
        }
    }

    private PeerAllowList? LoadAllowed(ParseResult parsed, List<Note> notes)
    {
        string[] given = _allowed is null ? [] : parsed.GetValue(_allowed) ?? [];
        string? file = AllowFile(parsed);
        if (given.Length == 0 && file is null) return null;
        var list = new PeerAllowList([.. given, .. file is null ? [] : PeerAllowList.ReadFile(file)]);
        if (list.Count == 0) notes.Add(Note.Warning($"{file} has no entry: nobody is let in."));
        return list;
    }

    private string[] Lists(ParseResult parsed) => parsed.GetValue(_lists) ?? [];

    /// <summary>The file of the allow-list; null when none was named.</summary>
    public string? AllowFile(ParseResult parsed) => _allowFile is null ? null : parsed.GetValue(_allowFile);

    private IEnumerable<string> Given(ParseResult parsed)
    {
        if (Lists(parsed).Length > 0) yield return "--crl";
        if (_allowed is not null && parsed.GetValue(_allowed) is { Length: > 0 }) yield return "--allow";
        if (AllowFile(parsed) is not null) yield return "--allow-file";
    }

    private static string NotEmpty(System.CommandLine.Parsing.ArgumentResult result, string word)
    {
        if (word.Length == 0) result.AddError("--crl takes the name of a file, not ''");
        return word;
    }

    private static string Entry(System.CommandLine.Parsing.ArgumentResult result, string word)
    {
        if (PeerAllowList.TryParse(word, out string? entry)) return entry;
        result.AddError($"--allow takes cn:NAME, dns:NAME, uri:URI or sha256:HEX (64 digits), not '{word}'");
        return "";
    }
}
