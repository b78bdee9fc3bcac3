using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>A line for the user at the start of a program, or when files were read again.</summary>
/// <param name="Text">One sentence; of a warning without the word WARNING.</param>
/// <param name="IsWarning">Something is not as it should be.</param>
public sealed record Note(string Text, bool IsWarning = false)
{
    /// <summary>A note that something is not as it should be.</summary>
    public static Note Warning(string text) => new(text, IsWarning: true);

    /// <summary>The line as the user reads it: one line, whatever a certificate or a file has put into it.</summary>
    public override string ToString() => PeerText.Clean(IsWarning ? $"WARNING: {Text}" : Text);
}
