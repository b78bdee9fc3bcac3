namespace RawEcho.Client.Run;

/// <summary>
/// How long a client waits before it connects again: twice as long after each attempt, up to a limit, and never as long as the others.
/// Those that lose their server together would come back together, again and again, and it would have nothing to do in between.
/// </summary>
/// <param name="random">Makes the difference.</param>
internal sealed class ReconnectPause(Random random)
{
    /// <summary>Before the first attempt, on average.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>Before an attempt after several that failed, on average.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private TimeSpan _nominal = First;

    /// <summary>The connection was there: what comes next is another loss.</summary>
    public void Reset() => _nominal = First;

    /// <summary>Before the next attempt: from half to one and a half times the nominal pause.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _nominal * (0.5 + random.NextDouble());
        _nominal = _nominal * 2 < Longest ? _nominal * 2 : Longest;
        return pause;
    }
}
