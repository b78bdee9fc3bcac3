namespace RawEcho.Client.Load;

/// <summary>A rate over time: pieces, in each of which it changes evenly from one rate to another.</summary>
internal sealed class RateCurve
{
    private readonly List<Piece> _pieces = [];

    private RateCurve()
    {
    }

    /// <summary>Messages over all of its time; infinite for a rate that goes on.</summary>
    public double Messages { get; private set; }

    /// <summary>A rate that goes on, which may be reached over a ramp.</summary>
    /// <param name="rate">Messages a second, above 0.</param>
    /// <param name="ramp">Over which time the rate grows from 0.</param>
    public static RateCurve Steady(double rate, TimeSpan ramp)
    {
        var curve = new RateCurve();
        curve.Add(0, rate, ramp.TotalSeconds);
        curve.Add(rate, rate, double.PositiveInfinity);
        return curve;
    }

    /// <summary>In each stage the rate changes evenly from that of the stage before it, at first from 0, to its own.</summary>
    public static RateCurve Of(IEnumerable<RateStage> stages)
    {
        var curve = new RateCurve();
        double before = 0;
        foreach (RateStage stage in stages)
        {
            curve.Add(before, stage.Rate, stage.Time.TotalSeconds);
            before = stage.Rate;
        }

        return curve;
    }

    /// <summary>Messages from the start to a time.</summary>
    /// <param name="seconds">The time since the start; from 0.</param>
    public double MessagesBy(double seconds)
    {
        int i = _pieces.Count - 1;
        while (_pieces[i].Start > seconds) i--;
        Piece piece = _pieces[i];
        double inside = Math.Min(seconds - piece.Start, piece.Seconds);
        return piece.Before + (inside * (piece.From + (piece.Slope * inside / 2)));
    }

    /// <summary>Messages between two times, seconds since the start.</summary>
    public double Between(double from, double to) => MessagesBy(to) - MessagesBy(from);

    /// <summary>The time at which so many messages have become due, seconds since the start; infinite when that never is.</summary>
    /// <param name="messages">How many, from 0; they may be parts of one.</param>
    public double TimeOf(double messages)
    {
        if (messages >= Messages) return double.PositiveInfinity;
        // Where the rate is 0 for a while, the message behind that belongs to the piece that sends it.
        int i = _pieces.Count - 1;
        while (_pieces[i].Before > messages) i--;
        Piece piece = _pieces[i];
        double inside = messages - piece.Before;
        if (inside <= 0) return piece.Start;
        // The root of From * t + Slope * t^2 / 2 = inside, in the form that loses no digits where the slope is small.
        return piece.Start + (2 * inside / (piece.From + Math.Sqrt(Math.Max(0, (piece.From * piece.From) + (2 * piece.Slope * inside)))));
    }

    private void Add(double from, double to, double seconds)
    {
        // A stage without a length is a jump: what it leads to begins with the next one.
        if (seconds == 0) return;
        double start = _pieces is [.., var last] ? last.Start + last.Seconds : 0;
        _pieces.Add(new Piece(start, seconds, from, double.IsInfinity(seconds) ? 0 : (to - from) / seconds, Messages));
        Messages = double.IsInfinity(seconds) ? double.PositiveInfinity : Messages + (seconds * (from + to) / 2);
    }

    // Before: messages of all pieces before it.
    private readonly record struct Piece(double Start, double Seconds, double From, double Slope, double Before);
}
