using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates;

/// <summary>What stood in a file when it was read: certificates, keys and lists are made of it, and the file is not opened again.</summary>
/// <param name="name">The file, as it was named.</param>
/// <param name="bytes">What stood in it.</param>
public sealed class FileContent(string name, ReadOnlyMemory<byte> bytes)
{
    /// <summary>The largest file that is read, bytes: far more than a list of a million revoked certificates needs.</summary>
    public const int MaxBytes = 256 << 20;

    private const int SmallestChunk = 1 << 10, LargestChunk = 64 << 10;

    /// <summary>How long a pipe may take to give what it has.</summary>
    public static readonly TimeSpan PipeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The file, as it was named.</summary>
    public string Name { get; } = name;

    /// <summary>What stood in it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>It came from a pipe, and cannot be read again.</summary>
    public bool IsReadOnce { get; private init; }

    /// <summary>Its text, in UTF-8 with or without a byte order mark.</summary>
    /// <exception cref="CertificateFileException">It is in another encoding.</exception>
    public string Text() => PemText.TextOf(this, isStrict: true);

    /// <summary>What lies at a path, links followed; opens nothing, so it waits for nobody but the file system.</summary>
    public static FileKind KindOf(string file) => FileKinds.Of(file);

    /// <summary>Reads a whole file. A pipe is waited for, at most <see cref="PipeTimeout"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="acceptPipe">False to refuse a pipe instead.</param>
    /// <exception cref="CertificateFileException">It is missing, unreadable, too large, or no file that can be read.</exception>
    public static FileContent Read(string file, bool acceptPipe = true) => Read(file, acceptPipe, PipeTimeout);

    internal static FileContent Read(string file, bool acceptPipe, TimeSpan pipeTimeout)
    {
        FileKind kind = FileKinds.Of(file);
        CertificateFileProblem? problem = kind switch
        {
            FileKind.Missing => CertificateFileProblem.NotFound,
            FileKind.Directory => CertificateFileProblem.IsDirectory,
            FileKind.Socket => CertificateFileProblem.IsSocket,
            FileKind.Device => CertificateFileProblem.IsDevice,
            FileKind.Pipe when !acceptPipe => CertificateFileProblem.IsPipe,
            _ => null,
        };
        if (problem is { } known) throw new CertificateFileException(file, known) { LinkTarget = LinkTarget(file, known) };
        return kind == FileKind.Regular
            ? new FileContent(file, ReadAll(file))
            : new FileContent(file, ReadWithin(file, pipeTimeout)) { IsReadOnce = kind == FileKind.Pipe };
    }

    private static byte[] ReadAll(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            long length = stream.CanSeek ? stream.Length : 0;
            if (length > MaxBytes) throw new CertificateFileException(file, CertificateFileProblem.TooLarge);
            using var bytes = new MemoryStream((int)length);
            // Files are looked at every second: most are small.
            byte[] chunk = new byte[Math.Clamp(length, SmallestChunk, LargestChunk)];
            // Neither a pipe nor a file of /proc knows its length.
            for (int read; (read = stream.Read(chunk)) > 0;)
            {
                if (bytes.Length + read > MaxBytes) throw new CertificateFileException(file, CertificateFileProblem.TooLarge);
                bytes.Write(chunk, 0, read);
            }

            // A key may have been among them.
            CryptographicOperations.ZeroMemory(chunk);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateFileException(file, CertificateFileProblem.NotFound, e)
            {
                LinkTarget = LinkTarget(file, CertificateFileProblem.NotFound),
            };
        }
        catch (UnauthorizedAccessException e)
        {
            CertificateFileProblem problem = Directory.Exists(file)
                ? CertificateFileProblem.IsDirectory
                : CertificateFileProblem.NoPermission;
            throw new CertificateFileException(file, problem, e);
        }
        catch (IOException e) when (e is not CertificateFileException)
        {
            throw new CertificateFileException(file, CertificateFileProblem.Unreadable, e);
        }
    }

    // On a thread of its own: opening a named pipe without a writer cannot be cancelled, and a thread of the pool would be lost with it.
    private static byte[] ReadWithin(string file, TimeSpan limit)
    {
        var reading = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = new Thread(() =>
        {
            try
            {
                reading.SetResult(ReadAll(file));
            }
            catch (Exception e)
            {
                reading.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "Reads a pipe",
        };
        reader.Start();
        if (Task.WaitAny([reading.Task], limit) < 0) throw new CertificateFileException(file, CertificateFileProblem.TimedOut);
        return reading.Task.GetAwaiter().GetResult();
    }

    private static string? LinkTarget(string file, CertificateFileProblem problem)
    {
        if (problem != CertificateFileProblem.NotFound) return null;
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
