using System.Security.Cryptography;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>
/// What stands in a number of files, as one value to compare. Contents count and nothing else: a link that points elsewhere
/// (as Kubernetes swaps secrets), a file replaced, rewritten or gone is seen; one that was only touched is not.
/// </summary>
internal sealed class FileState : IEquatable<FileState>
{
    // Larger files are read again only when their date, size or target says so.
    private const int AlwaysRead = 1 << 20;

    private readonly (Stamp Stamp, string Content)[] _files;

    private FileState((Stamp Stamp, string Content)[] files) => _files = files;

    /// <summary>Looks at files.</summary>
    /// <param name="files">Their names.</param>
    /// <param name="before">What was seen last; saves reading large files again.</param>
    public static FileState Of(IReadOnlyList<string> files, FileState? before = null) =>
        new([.. files.Select((f, i) => Look(f, before is not null && i < before._files.Length ? before._files[i] : default))]);

    public bool Equals(FileState? other) =>
        other is not null && _files.Select(f => f.Content).SequenceEqual(other._files.Select(f => f.Content));

    public override bool Equals(object? obj) => Equals(obj as FileState);

    public override int GetHashCode() => _files.Length;

    private static (Stamp Stamp, string Content) Look(string file, (Stamp Stamp, string Content) before)
    {
        try
        {
            // Opening a pipe would wait for whoever writes to it.
            FileKind kind = FileContent.KindOf(file);
            if (kind is not (FileKind.Regular or FileKind.Unknown)) return (default, kind.ToString());
            FileSystemInfo target = File.ResolveLinkTarget(file, returnFinalTarget: true) ?? new FileInfo(file);
            var stamp = new Stamp(target.FullName, new FileInfo(target.FullName).Length, target.LastWriteTimeUtc);
            if (stamp.Length > AlwaysRead && stamp == before.Stamp) return before;
            return (stamp, Convert.ToHexString(SHA256.HashData(FileContent.Read(file, acceptPipe: false).Bytes.Span)));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return (default, e is CertificateFileException known ? known.Problem.ToString() : e.GetType().Name);
        }
    }

    private readonly record struct Stamp(string Target, long Length, DateTime Written);
}
