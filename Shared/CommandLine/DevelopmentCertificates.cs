using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>
/// The certificates of certs/dev, which the build makes: used when none is named, and announced. They are looked for below
/// the current directory, and then above the program itself (out/ lies beside certs/).
/// </summary>
internal sealed class DevelopmentCertificates(PeerRole ownRole)
{
    private const string Folder = "certs/dev";
    private readonly string _own = ownRole == PeerRole.Server ? "server" : "client";
    private readonly string? _directory = Find();

    public (string Certificate, string Key) Own(List<Note> notes, bool withCa)
    {
        string directory = Require("--cert, --key and --ca");
        string ca = withCa ? ", ca.pem" : string.Empty;
        notes.Add(new Note($"No certificate named: using those in {directory} ({_own}.pem{ca})."));
        return (Path.Combine(directory, $"{_own}.pem"), Path.Combine(directory, $"{_own}-key.pem"));
    }

    public string Ca(List<Note> notes, bool announce)
    {
        string directory = Require("--ca");
        string ca = Path.Combine(directory, "ca.pem");
        if (announce) notes.Add(new Note($"No CA named: using the development CA {ca}."));
        return ca;
    }

    private string Require(string options) => _directory ?? throw new CommandException(
        ExitCode.Certificate,
        $"No certificates: there is no {Folder} here. Make one with 'rawecho-certs create' (or ./build.sh certs), or name {options}.");

    private static string? Find()
    {
        if (Directory.Exists(Folder)) return Folder;
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string candidate = Path.Combine(d.FullName, Folder);
            if (Directory.Exists(candidate)) return Path.GetRelativePath(Environment.CurrentDirectory, candidate);
        }

        return null;
    }
}
