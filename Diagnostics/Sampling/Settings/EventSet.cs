namespace RawEcho.Diagnostics.Sampling.Settings;

/// <summary>What a runtime is asked to send. Rows that need what is left out are absent.</summary>
[Flags]
internal enum EventSet
{
    /// <summary>Nothing: no session is begun in the process, and rows come from the kernel alone.</summary>
    None = 0,

    /// <summary>The GC's own events: exact pauses.</summary>
    Gc = 1,

    /// <summary>EventCounters: heap, collections, thread pool, sockets, TLS.</summary>
    Counters = 2,

    /// <summary>Meters: those of the Engine, of ASP.NET Core, and those that the user names.</summary>
    Meters = 4,

    /// <summary>All of them.</summary>
    All = Gc | Counters | Meters,
}
