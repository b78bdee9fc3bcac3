using System.Runtime.InteropServices;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// What the system says of this process's file descriptors: getrlimit(2) and fcntl(2). Asking takes some 100 ns, and neither opens a
/// file nor loads code, so it works when descriptors have run out. Where the system has neither call (Windows), there is no limit.
/// </summary>
internal static unsafe class Descriptors
{
    private static readonly string[] Lists = ["/proc/self/fd", "/dev/fd"];

    private static readonly delegate* unmanaged[SuppressGCTransition]<int, ulong*, int> GetLimit =
        (delegate* unmanaged[SuppressGCTransition]<int, ulong*, int>)Find("getrlimit");

    private static readonly delegate* unmanaged<int, ulong*, int> SetLimit =
        (delegate* unmanaged<int, ulong*, int>)Find("setrlimit");

    // RLIMIT_NOFILE: 7 on Linux, 8 on macOS and the BSDs. rlim_t has 64 bits.
    private static int OpenFiles => OperatingSystem.IsLinux() ? 7 : 8;

    // fcntl takes a variable number of arguments. Only the two that are fixed are given here, which are passed alike on every platform.
    private static readonly delegate* unmanaged[SuppressGCTransition]<int, int, int> Control =
        (delegate* unmanaged[SuppressGCTransition]<int, int, int>)Find("fcntl");

    // Linux alone has it.
    private static readonly delegate* unmanaged<int, int, int, int> Duplicate = (delegate* unmanaged<int, int, int, int>)Find("dup3");

    /// <summary>
    /// The soft limit at this moment, which is 1 more than the highest descriptor that can be opened; int.MaxValue for none.
    /// </summary>
    public static int Limit()
    {
        ulong* limit = stackalloc ulong[2];
        bool isKnown = GetLimit is not null && GetLimit(OpenFiles, limit) == 0;
        return isKnown ? (int)Math.Min(limit[0], int.MaxValue) : int.MaxValue;
    }

    /// <summary>Raises the soft limit to the hard one, as CoreCLR does when it starts and a native runtime does not.</summary>
    /// <returns>False where there is no such limit, or the system does not raise it.</returns>
    public static bool RaiseLimit()
    {
        // OPEN_MAX: macOS refuses more (setrlimit(2)).
        ulong most = OperatingSystem.IsMacOS() ? 10240UL : ulong.MaxValue;
        ulong* limit = stackalloc ulong[2];
        if (GetLimit is null || SetLimit is null || GetLimit(OpenFiles, limit) != 0) return false;
        if (limit[0] >= Math.Min(limit[1], most)) return true;
        limit[0] = Math.Min(limit[1], most);
        return SetLimit(OpenFiles, limit) == 0;
    }

    /// <summary>Descriptors that this process has open, count; 0 where the system does not list them.</summary>
    public static int CountOpen() => Lists.FirstOrDefault(Directory.Exists) is { } list ? Directory.GetFileSystemEntries(list).Length : 0;

    /// <summary>Descriptors below <paramref name="limit"/> that are free, count; it stops counting at <paramref name="enough"/>.</summary>
    /// <remarks>
    /// Counts from the limit downwards, where they are free unless most of them are in use: descriptors are given out lowest first.
    /// </remarks>
    public static int CountFree(int limit, int enough)
    {
        int free = 0;
        for (int descriptor = limit - 1; descriptor >= 0 && free < enough; descriptor--)
        {
            if (!IsOpen(descriptor)) free++;
        }

        return free;
    }

    /// <summary>Opens a copy of a descriptor with a number of choice, which child processes do not inherit.</summary>
    /// <returns>False when the number is in use or not below the limit, or where the system has no such call.</returns>
    public static bool TryDuplicate(SafeHandle descriptor, int number)
    {
        const int closeOnExec = 0x80000;
        return Duplicate is not null && !IsOpen(number) && Duplicate((int)descriptor.DangerousGetHandle(), number, closeOnExec) == number;
    }

    private static bool IsOpen(int descriptor)
    {
        const int getFlags = 1;
        return Control is not null && Control(descriptor, getFlags) != -1;
    }

    private static nint Find(string function) =>
        !OperatingSystem.IsWindows() && Environment.Is64BitProcess
        && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), function, out nint address) ? address : 0;
}
