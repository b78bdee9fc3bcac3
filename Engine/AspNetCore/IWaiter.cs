namespace RawEcho.Engine.AspNetCore;

/// <summary>A read or a flush whose result has come.</summary>
internal interface IWaiter
{
    /// <summary>Gives the result to whoever awaits it, and returns when that goes on no further.</summary>
    void Resume();
}
