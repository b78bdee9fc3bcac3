using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A wall clock that a test moves, for one program.</summary>
internal static class ShiftedClock
{
    // Shifts CLOCK_REALTIME by as many seconds as a file says; the clocks that only run on stay as they are.
    private const string Shim = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long shift(void) {
            long seconds = 0;
            FILE *file = fopen(getenv("CLOCK_SHIFT"), "r");
            if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
            return seconds;
        }
        int clock_gettime(clockid_t clock, struct timespec *now) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(clock, now);
            if (clock == CLOCK_REALTIME) now->tv_sec += shift();
            return result;
        }
        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec precise;
            int result = clock_gettime(CLOCK_REALTIME, &precise);
            now->tv_sec = precise.tv_sec; now->tv_usec = precise.tv_nsec / 1000;
            return result;
        }
        time_t time(time_t *out) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (out) *out = now.tv_sec;
            return now.tv_sec;
        }
        """;

    /// <summary>The environment of a program whose clock is moved.</summary>
    /// <param name="shift">A file with the seconds to move it by, which may change while the program runs.</param>
    /// <param name="folder">Takes the shim.</param>
    public static async Task<Dictionary<string, string>> ByAsync(string shift, TempFolder folder)
    {
        Requires.Linux("LD_PRELOAD");
        Assert.SkipWhen(Programs.Gcc is null, "There is no gcc on this machine.");
        string source = folder.Write("shift.c", Shim);
        await using var gcc = new ProgramProcess(Programs.Gcc!, ["-shared", "-fPIC", "-O1", "-o", folder["shift.so"], source, "-ldl"]);
        (await gcc.ExitAsync()).EndedWith(Exit.Success);
        return new Dictionary<string, string> { ["LD_PRELOAD"] = folder["shift.so"], ["CLOCK_SHIFT"] = shift };
    }
}
