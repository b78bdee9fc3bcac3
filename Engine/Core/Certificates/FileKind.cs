using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>What lies at a path, links followed.</summary>
public enum FileKind
{
    /// <summary>It cannot be told, on this system or because a directory above it may not be searched.</summary>
    Unknown = 0,

    /// <summary>Nothing: no such file, or a link to none.</summary>
    Missing,

    /// <summary>An ordinary file, also one in memory (/dev/shm).</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A pipe, named or not (as of the shell's &lt;(command)): it gives what it has once.</summary>
    Pipe,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A device, such as a terminal.</summary>
    Device,
}

/// <summary>
/// Asks the system for the kind of a file. .NET has no API for it that does not open the file, and opening a pipe waits for a writer;
/// neither the path nor the length tells. statx(2) has the same layout on every processor, which stat(2) has not.
/// </summary>
internal static class FileKinds
{
    private const int FromHere = -100; // AT_FDCWD
    private const uint TypeWanted = 1; // STATX_TYPE
    private const int NoEntry = 2, NoDirectory = 20; // ENOENT, ENOTDIR
    private const int StatSize = 256, ModeAt = 28;

    public static FileKind Of(string file)
    {
        if (file.Length == 0 || file.Contains('\0')) return FileKind.Unknown;
        if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "statx", out nint statx))
            return Ask(statx, file);
        if (Directory.Exists(file)) return FileKind.Directory;
        // Who reads a file of unknown kind does so with a time limit.
        return OperatingSystem.IsWindows() && File.Exists(file) ? FileKind.Regular : FileKind.Unknown;
    }

    private static unsafe FileKind Ask(nint statx, string file)
    {
        byte[] path = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(file.Length) + 1);
        Span<byte> stat = stackalloc byte[StatSize];
        int failed, error;
        fixed (byte* name = path, result = stat)
        {
            path[Encoding.UTF8.GetBytes(file, path)] = 0;
            failed = ((delegate* unmanaged<int, byte*, int, uint, byte*, int>)statx)(FromHere, name, 0, TypeWanted, result);
            error = Marshal.GetLastSystemError();
        }

        ArrayPool<byte>.Shared.Return(path);
        if (failed != 0) return error is NoEntry or NoDirectory ? FileKind.Missing : FileKind.Unknown;
        // S_IFMT of inode(7).
        return (MemoryMarshal.Read<ushort>(stat[ModeAt..]) >> 12) switch
        {
            8 => FileKind.Regular,
            4 => FileKind.Directory,
            1 => FileKind.Pipe,
            12 => FileKind.Socket,
            2 or 6 => FileKind.Device,
            _ => FileKind.Unknown,
        };
    }
}
