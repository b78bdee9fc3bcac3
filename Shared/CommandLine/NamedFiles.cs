using System.Collections.Concurrent;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>
/// Reads the files of the TLS options, at the start and again later. What a pipe gives, as of &lt;(command), it gives once: that is kept,
/// and the other files are read again all the same.
/// </summary>
internal sealed class NamedFiles
{
    private readonly ConcurrentDictionary<string, FileContent> _readOnce = new();

    // A pipe is waited for at the start alone: at a reload it stands where a file was, and nobody may ever write to it.
    private volatile bool _isStarted;

    /// <summary>The pipes among them.</summary>
    public IEnumerable<string> ReadOnce => _readOnce.Keys.Order(StringComparer.Ordinal);

    /// <summary>What stands in a file.</summary>
    /// <exception cref="CertificateFileException">It cannot be read.</exception>
    public FileContent Read(string file)
    {
        if (_readOnce.TryGetValue(file, out FileContent? kept) && !IsFileNow(file)) return kept;
        FileContent content = FileContent.Read(file, acceptPipe: !_isStarted);
        if (content.IsReadOnce) _readOnce[file] = content;
        return content;
    }

    /// <summary>From now on a pipe that was not read yet is refused.</summary>
    /// <returns>False when it was so before.</returns>
    public bool Start() => !_isStarted && (_isStarted = true);

    /// <summary>True for a file that is read again when it changes.</summary>
    public bool IsReadAgain(string file) => !_readOnce.ContainsKey(file) && FileContent.KindOf(file) != FileKind.Pipe;

    private static bool IsFileNow(string file) => FileContent.KindOf(file) == FileKind.Regular;
}
