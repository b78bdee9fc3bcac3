namespace RawEcho.CommandLine;

/// <summary>
/// Work that may never end, such as reading a file of a server that is gone: it is waited for, up to a limit or until the program stops.
/// </summary>
/// <param name="limit">How long it is waited for.</param>
internal sealed class LimitedWork(TimeSpan limit)
{
    // Each that hangs holds a thread, and its file is unlikely to come back.
    private const int MostHanging = 4;

    private int _running;

    /// <summary>Does work on a thread of its own: a thread of the pool that hangs would be missed elsewhere.</summary>
    /// <param name="work">What is done. It goes on unseen when the limit is over.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The limit is over, or too much that was begun before still hangs.</exception>
    /// <exception cref="OperationCanceledException">The program stops.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken stop)
    {
        if (Volatile.Read(ref _running) >= MostHanging) throw new TimeoutException();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref _running);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        })
        {
            IsBackground = true,
            Name = "Reads files",
        };
        thread.Start();
        // Whatever becomes of it later is nobody's business.
        _ = done.Task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return await done.Task.WaitAsync(limit, stop);
    }
}
