namespace RawEcho.Testing;

/// <summary>No test waits for ever. The limit is for what never comes, not for what comes late: it is far from any real time.</summary>
public static class TimeLimit
{
    /// <summary>Long enough for a loaded machine.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(90);

    public static Task WithinLimit(this Task task) => task.WaitAsync(Default);

    public static Task<T> WithinLimit<T>(this Task<T> task) => task.WaitAsync(Default);

    public static Task WithinLimit(this ValueTask task) => task.AsTask().WaitAsync(Default);

    public static Task<T> WithinLimit<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Default);

    /// <summary>Waits until something holds.</summary>
    public static async Task Until(Func<bool> holds, string what)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            if (clock.Elapsed > Default) throw new TimeoutException($"After {Default.TotalSeconds:0} s still not: {what}.");
            await Task.Delay(10);
        }
    }
}
