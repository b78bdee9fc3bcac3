namespace RawEcho.Engine.Hosting;

/// <summary>
/// Starts threads of the thread pool before they are needed: accepting, the sweep and whatever follows when descriptors run out then find
/// threads that exist, because starting one takes descriptors. The pool lets idle threads go after 20 s, unless the program says otherwise
/// (System.Threading.ThreadPool.ThreadsToKeepAlive in its runtime configuration).
/// </summary>
internal static class PoolThreads
{
    // More are started only when there is work for them.
    private const int Most = 4;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Starts them, and does not wait for it.</summary>
    public static void Start()
    {
        ThreadPool.GetMinThreads(out int atOnce, out _);
        int count = Math.Min(atOnce, Most);
        var all = new CountdownEvent(count);
        for (int i = 0; i < count; i++) ThreadPool.UnsafeQueueUserWorkItem(static all => Meet(all), all, preferLocal: false);
    }

    // Each holds its thread until all have one.
    private static void Meet(CountdownEvent all)
    {
        all.Signal();
        all.Wait(LongestWait);
    }
}
