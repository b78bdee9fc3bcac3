namespace RawEcho.Engine.AspNetCore;

/// <summary>Is told where guarded code runs, and why. Called on any thread, an event loop included: must not block.</summary>
internal interface IGuardLog
{
    /// <summary>The code has blocked a thread of the pool for the first time: it is not moved.</summary>
    void StaysOnPool(string route, string stack);

    /// <summary>From now on the code runs on the event loops.</summary>
    void MovedToLoop(int runs);

    /// <summary>The code has held up an event loop, and runs on the pool from now on.</summary>
    void LeftLoop(string what, string route, string? stack, TimeSpan retry);
}
