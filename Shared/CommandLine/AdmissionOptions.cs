using System.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;

namespace RawEcho.CommandLine;

/// <summary>The options that say which verified peers may come in: revocation lists on both sides, allow-lists on the server's.</summary>
internal sealed class AdmissionOptions
{
    private static readonly Dictionary<string, MissingList> Missing = new(StringComparer.OrdinalIgnoreCase)
    {
        ["refuse"] = MissingList.Refuse,
        ["allow"] = MissingList.Allow,
    };

    private readonly OptionReader<string[]?> _lists;
    private readonly OptionReader<Written<MissingList>> _missing;
    private readonly OptionReader<string[]?>? _allowed;
    private readonly OptionReader<string?>? _allowFile;

    /// <param name="options">Takes the options.</param>
    /// <param name="ownRole">The side this program is on.</param>
    public AdmissionOptions(OptionSet options, PeerRole ownRole)
    {
        _lists = options.Add(new Option<string[]?>("--crl")
        {
            Description = "Revocation lists of the peers' CAs (PEM or DER); may be given more than once. "
                + "Who is on one, or on none that is fresh, is refused",
            HelpName = "file",
            CustomParser = r => [.. r.Tokens.Select(t => NotEmpty(r, t.Value))],
        });
        const string missingMeaning = "What becomes of a peer whose issuer's list is missing, stale or forged";
        _missing = options.Add(Parsers.Value<MissingList>(
            "--crl-missing", "refuse|allow", missingMeaning, "refuse", Missing.TryGetValue, "refuse or allow"));
        if (ownRole != PeerRole.Server) return;
        _allowed = options.Add(new Option<string[]?>("--allow")
        {
            Description = "Let in only clients with cn:NAME, dns:NAME, uri:URI or sha256:HEX in or of their certificate; "
                + "may be given more than once",
            HelpName = "entry",
            CustomParser = r => [.. r.Tokens.Select(t => Entry(r, t.Value))],
        });
        _allowFile = options.Add(
            Parsers.FileName("--allow-file", "File with such entries, one a line (# for remarks); read again when it changes"));
    }

    /// <summary>What was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="verifiesPeer">There are peers to admit: without them the environment has no say.</param>
    public AdmissionSource Bind(ParseResult parsed, bool verifiesPeer)
    {
        MissingList missing = _missing.Read(parsed).Value;
        return new AdmissionSource(
            TlsCommandOptions.Read(parsed, _lists, verifiesPeer) ?? [],
            verifiesPeer || _missing.IsGiven(parsed.CommandResult) ? missing : MissingList.Refuse,
            _allowed is null ? [] : TlsCommandOptions.Read(parsed, _allowed, verifiesPeer) ?? [],
            _allowFile is null ? null : TlsCommandOptions.Read(parsed, _allowFile, verifiesPeer));
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
