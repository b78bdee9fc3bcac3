using System.Runtime.InteropServices;

namespace RawEcho.Client.Clocks;

/// <summary>What the kernel says of the wall clock (adjtimex(2)); on Linux of 64 bits, where it says anything.</summary>
/// <param name="IsSynchronized">A daemon keeps it by a reference.</param>
/// <param name="MaxError">The largest error that the daemon vouches for.</param>
/// <param name="EstimatedError">The error that it expects.</param>
internal sealed record ClockDiscipline(bool IsSynchronized, TimeSpan MaxError, TimeSpan EstimatedError)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>
    /// Tells one running kernel from every other one: processes that see the same one have the same clock. Null where that is not known.
    /// </summary>
    public static string? Id => OperatingSystem.IsLinux() && File.Exists(BootFile) ? File.ReadAllText(BootFile).Trim() : null;

    /// <summary>Asks it; null where it does not say: another system, or a container that may not ask.</summary>
    public static ClockDiscipline? Read()
    {
        if (!OperatingSystem.IsLinux() || nint.Size != sizeof(long)) return null;
        // struct timex: modes, offset, freq, maxerror, esterror, status, ..., each in a place of eight bytes; 208 bytes in all. The first
        // member and the status are of four. Modes 0 changes nothing.
        const int places = 32, maxError = 3, estimatedError = 4, status = 5;
        const int unsynchronized = 0x40, stateError = 5;
        Span<long> clock = stackalloc long[places];
        clock.Clear();
        int state = adjtimex(ref clock[0]);
        if (state < 0) return null;
        return new ClockDiscipline(
            state != stateError && ((int)clock[status] & unsynchronized) == 0,
            TimeSpan.FromMicroseconds(clock[maxError]),
            TimeSpan.FromMicroseconds(clock[estimatedError]));

        [DllImport("libc")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int adjtimex(ref long clock);
    }
}
