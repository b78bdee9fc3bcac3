namespace RawEcho.Server.Http;

/// <summary>A number of places, of which each is taken by one at a time; nobody waits for one.</summary>
/// <param name="count">How many.</param>
internal sealed class Places(int count)
{
    // Interlocked throughout: nothing else is ordered by it.
    private int _free = count;

    /// <summary>Takes a place, if one is free.</summary>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0) return true;
        Release();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Release() => Interlocked.Increment(ref _free);
}
