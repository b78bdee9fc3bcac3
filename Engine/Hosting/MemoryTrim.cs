using System.Runtime.InteropServices;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Gives back what a burst of handshakes has left behind, once the host has come to rest: the garbage that no collection came
/// for, and free pages between OpenSSL's long-lived objects. It pauses the process for some tens of milliseconds, so it
/// waits for a moment in which nobody notices, and does nothing that a busy host would feel.
/// </summary>
internal sealed class MemoryTrim
{
    private const int WorthIt = 100;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private long _changesSeen;

    /// <summary>Trims if enough has changed since the last time, and all is quiet now.</summary>
    /// <param name="changes">Connections opened and closed so far.</param>
    /// <param name="lastProgress">The last moment at which any connection read, wrote, came or went (Environment.TickCount64).</param>
    /// <param name="now">This moment, on the same clock.</param>
    /// <returns>True when it trimmed.</returns>
    public bool TrimIfQuiet(long changes, long lastProgress, long now)
    {
        if (changes - _changesSeen < WorthIt || now - lastProgress < Rest.TotalMilliseconds) return false;
        _changesSeen = changes;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim)) Trim(trim);
        return true;
    }

    // glibc's own, where the C library is glibc: malloc_trim(3).
    private static unsafe void Trim(nint function) => ((delegate* unmanaged<nuint, int>)function)(0);
}
