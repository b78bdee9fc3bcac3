using System.CommandLine;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Streams;

namespace RawEcho.Client.Run;

/// <summary>The option that says what is done with connections, and what cannot be said beside it.</summary>
internal sealed class ModeOption
{
    private static readonly Dictionary<string, StreamMode> Modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["echo"] = StreamMode.Echo,
        ["upload"] = StreamMode.Upload,
        ["download"] = StreamMode.Download,
        ["both"] = StreamMode.Both,
    };

    private readonly OptionReader<Written<StreamMode>> _mode;

    public ModeOption(OptionSet options) => _mode = options.Add(Parsers.Value<StreamMode>(
        "--mode", "echo|upload|download|both",
        "echo: the server sends back what it gets; upload, download, both: as many bytes as possible in these directions, verified by who "
        + "gets them. That needs a rawecho-server and TLS",
        "echo", Modes.TryGetValue, "echo, upload, download or both"));

    /// <summary>Reads it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="targets">Where connections go.</param>
    /// <param name="given">Options that are about messages, and were given.</param>
    /// <exception cref="CommandException">It cannot be done so.</exception>
    public StreamMode Read(ParseResult parsed, TargetSettings targets, IEnumerable<string> given)
    {
        Written<StreamMode> mode = _mode.Read(parsed);
        if (mode.Value == StreamMode.Echo) return mode.Value;
        if (targets.Urls.Count > 0)
            throw new CommandException(ExitCode.Usage, $"--mode {mode.Text} and a URL: choose one of the two.");
        if (targets.Tls.Level == TlsLevel.None)
        {
            throw new CommandException(
                ExitCode.Usage, $"--mode {mode.Text} needs TLS: the server learns the mode by a protocol name in the handshake (ALPN).");
        }

        if (given.FirstOrDefault() is { } option)
            throw new CommandException(ExitCode.Usage, $"{option}: --mode {mode.Text} has no messages.");
        return mode.Value;
    }
}
