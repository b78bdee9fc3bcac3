namespace RawEcho.Engine.UnitTests;

/// <summary>A clock that a test moves by hand.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly DateTimeOffset _began = DateTimeOffset.UtcNow;
    private long _ticks;
    private long _back;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => _ticks += time.Ticks;

    public void SetBack(TimeSpan time) => _back += time.Ticks;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => _began.AddTicks(_ticks - _back);
}
