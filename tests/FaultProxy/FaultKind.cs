namespace RawEcho.Faults;

/// <summary>What ends a connection before its time. Splitting, merging and delaying are no faults: TCP does all three.</summary>
public enum FaultKind
{
    /// <summary>Nothing: all bytes arrive, in order.</summary>
    None,

    /// <summary>One bit is turned.</summary>
    Flip,

    /// <summary>Some bytes are missing.</summary>
    Drop,

    /// <summary>The stream ends with a FIN.</summary>
    Truncate,

    /// <summary>The connection is reset.</summary>
    Reset,
}
