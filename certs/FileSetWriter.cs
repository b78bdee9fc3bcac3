using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Cryptography;
using System.Security.Principal;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>A file to write.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="Content">All of it.</param>
/// <param name="Secret">Readable by its owner alone.</param>
internal sealed record NewFile(string Name, byte[] Content, bool Secret);

/// <summary>
/// Writes files that are of use only together. Everything is on the disk under temporary names before the first file gets its
/// own, and the first of the list gets it last (an old one goes first): an interrupted run leaves a set that lacks that file,
/// and never old and new ones that look like a set.
/// </summary>
internal static class FileSetWriter
{
    /// <summary>Refuses a directory in which the files cannot or must not be written; changes nothing.</summary>
    /// <exception cref="CommandException">It names the first file in the way.</exception>
    public static void EnsureFree(
        string directory, IEnumerable<string> names, bool replace, string advice = "--force replaces the whole set")
    {
        if (File.Exists(directory)) throw Refused($"{directory} is a file, not a directory.");
        foreach (string path in names.Select(n => Path.Combine(directory, n)))
        {
            if (Directory.Exists(path)) throw Refused($"{path} is a directory, and a file has to be written there.");
            if (!replace && File.Exists(path))
                throw Refused($"{path} exists already; nothing was written ({advice}).");
        }
    }

    /// <summary>Writes all files or none.</summary>
    /// <param name="directory">Made if it is missing.</param>
    /// <param name="files">The file without which the others are of no use comes first.</param>
    /// <param name="replace">Replaces files that exist.</param>
    /// <exception cref="CommandException">A file exists, or the directory cannot be written to.</exception>
    public static void Write(string directory, IReadOnlyList<NewFile> files, bool replace)
    {
        EnsureDirectory(directory);
        using var alone = DirectoryLock.Take(directory);
        WriteLocked(directory, files, replace);
    }

    /// <summary>The same, for who holds the directory's <see cref="DirectoryLock"/> already.</summary>
    public static void WriteLocked(string directory, IReadOnlyList<NewFile> files, bool replace)
    {
        EnsureFree(directory, files.Select(f => f.Name), replace);
        using Lock.Scope deferred = Interruption.Defer();
        // Whatever is in this list when something fails is deleted.
        var unfinished = new List<string>();
        try
        {
            string suffix = $".{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp";
            string Temporary(NewFile file) => Path.Combine(directory, $".{file.Name}{suffix}");
            foreach (NewFile file in files) WriteNew(Temporary(file), file, unfinished);
            if (replace) File.Delete(Path.Combine(directory, files[0].Name));
            foreach (NewFile file in files.Skip(1).Append(files[0]))
            {
                string path = Path.Combine(directory, file.Name);
                File.Move(Temporary(file), path, overwrite: replace);
                unfinished.Add(path);
            }

            unfinished.Clear();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Refused($"cannot write to {directory}: {e.Message}");
        }
        finally
        {
            foreach (string path in unfinished) TryDelete(path);
        }
    }

    /// <summary>
    /// Replaces or adds single files of a set, each in one step and in the order given; for who holds the directory's
    /// <see cref="DirectoryLock"/>. Everything is on the disk before the first file is replaced.
    /// </summary>
    /// <exception cref="CommandException">The directory cannot be written to.</exception>
    public static void Replace(string directory, IReadOnlyList<NewFile> files)
    {
        using Lock.Scope deferred = Interruption.Defer();
        var unfinished = new List<string>();
        try
        {
            string suffix = $".{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp";
            foreach (NewFile file in files) WriteNew(Path.Combine(directory, $".{file.Name}{suffix}"), file, unfinished);
            foreach (NewFile file in files)
                File.Move(Path.Combine(directory, $".{file.Name}{suffix}"), Path.Combine(directory, file.Name), overwrite: true);
            unfinished.Clear();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Refused($"cannot write to {directory}: {e.Message}");
        }
        finally
        {
            foreach (string path in unfinished) TryDelete(path);
        }
    }

    private static void EnsureDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Refused($"cannot write to {directory}: {e.Message}");
        }
    }

    private static void WriteNew(string path, NewFile file, List<string> unfinished)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        // From the first moment: a mode that is changed afterwards leaves a gap in which another user can open the file.
        if (file.Secret && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using FileStream stream = file.Secret && OperatingSystem.IsWindows() ? CreateForOwner(path) : new FileStream(path, options);
        unfinished.Add(path);
        stream.Write(file.Content);
        stream.Flush(flushToDisk: true);
    }

    // As a mode of 600 elsewhere: nothing is inherited from the directory, and nobody but the owner has a rule.
    [SupportedOSPlatform("windows")]
    private static FileStream CreateForOwner(string path)
    {
        using var user = WindowsIdentity.GetCurrent();
        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(user.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        return new FileInfo(path).Create(
            FileMode.CreateNew, FileSystemRights.Write | FileSystemRights.ReadAttributes, FileShare.None, 4096, FileOptions.None, security);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The failure that led here is the one to report.
        }
    }

    private static CommandException Refused(string message) => new(ExitCode.Certificate, message);

    // ArgumentOutOfRangeException is what .NET makes of a file that may not grow any more (EFBIG: ulimit -f).
    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;
}
