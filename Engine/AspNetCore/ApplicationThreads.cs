namespace RawEcho.Engine.AspNetCore;

/// <summary>Where the application's code runs when bytes have come or gone.</summary>
public enum ApplicationThreads
{
    /// <summary>
    /// On the thread pool, the default: code that blocks its thread holds up nothing but itself. It costs a thread hop for each request.
    /// </summary>
    ThreadPool = 0,

    /// <summary>
    /// On the event loop that received the bytes, which saves the hop. For applications that are asynchronous all the way: code that blocks
    /// or computes for long stalls all connections of its loop, and code that waits synchronously for another connection of the same loop
    /// stalls it for ever.
    /// </summary>
    EventLoop,

    /// <summary>
    /// On the thread pool at first, while waits that block and the time that each run of code takes are watched; on the event loop after
    /// some thousand runs without fault; on the pool again, and logged, when it holds up a loop. Code that waits synchronously for another
    /// connection and begins to do so only after it was moved still stalls its loop.
    /// </summary>
    Guarded,
}
