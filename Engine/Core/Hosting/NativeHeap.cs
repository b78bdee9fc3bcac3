using System.Runtime.InteropServices;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Keeps glibc from making a heap ("arena") for every thread that allocates, up to eight a processor. Handshakes move from thread to
/// thread, and each of those heaps keeps the peak of what was ever allocated on it, so the process would grow for hours after all else
/// is stable.
/// </summary>
internal static class NativeHeap
{
    // malloc.h
    private const int ArenaMax = -8;
    private const string Variable = "MALLOC_ARENA_MAX";

    /// <summary>
    /// From now on no more heaps are made than there are processors; those that are there already stay. Applies to the whole process:
    /// call it first. Where MALLOC_ARENA_MAX is set, whoever set it decides (mallopt(3)).
    /// </summary>
    /// <returns>False where the C library is not glibc, or the variable is set.</returns>
    public static bool LimitArenas() =>
        OperatingSystem.IsLinux()
        && Environment.GetEnvironmentVariable(Variable) is null or ""
        && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallopt", out nint mallopt)
        && SetOption(mallopt, ArenaMax, Environment.ProcessorCount) == 1;

    /// <summary>Gives the free pages of all heaps back to the system (malloc_trim(3)), where the C library is glibc.</summary>
    internal static void Trim()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim))
            Trim(trim);
    }

    private static unsafe void Trim(nint function) => ((delegate* unmanaged<nuint, int>)function)(0);

    private static unsafe int SetOption(nint mallopt, int option, int value) =>
        ((delegate* unmanaged<int, int, int>)mallopt)(option, value);
}
