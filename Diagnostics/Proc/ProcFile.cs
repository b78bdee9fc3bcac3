using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RawEcho.Diagnostics.Proc;

/// <summary>Files of proc(5). A process may end, or be another user's, between any two reads: both are null, and no error.</summary>
internal static class ProcFile
{
    private const int FirstRead = 4096;

    public static string? Read(int pid, string name) => Read($"/proc/{pid}/{name}");

    public static string? Read(string path)
    {
        try
        {
            // Without a lock on the file, which File.ReadAllText takes and gives back: a sample reads some sixty of them.
            using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            var text = new ArrayBufferWriter<byte>(FirstRead);
            while (RandomAccess.Read(file, text.GetSpan(FirstRead), text.WrittenCount) is > 0 and var count) text.Advance(count);
            return Encoding.UTF8.GetString(text.WrittenSpan);
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return null;
        }
    }

    /// <summary>What the directory holds; empty when it is gone or may not be read.</summary>
    public static string[] List(int pid, string name)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{pid}/{name}");
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return [];
        }
    }

    /// <summary>Where a link of a process leads; null when it is gone or may not be read.</summary>
    public static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return null;
        }
    }

    // A process that ends while its file is read gives ESRCH, which is an IOException as well.
    private static bool IsGoneOrForbidden(Exception e) => e is IOException or UnauthorizedAccessException;
}
