using System.Diagnostics;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Ends all connections in order. Each is told at once to end when it is idle; one that looks to be in
/// the middle of a long message gets until it pauses, or a second, before it is told again without that courtesy; and one
/// that is still at work when the time is over is aborted. A handshake that has begun may be completed: its client cannot know that it came
/// too late, and is told by close_notify.
/// </summary>
internal sealed class ConnectionDrain(ConnectionTable table, TimeSpan time)
{
    private static readonly TimeSpan LongestCourtesy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    public async Task RunAsync()
    {
        Task empty = table.WhenEmpty();
        var elapsed = Stopwatch.StartNew();
        while (!empty.IsCompleted && (time == Timeout.InfiniteTimeSpan || elapsed.Elapsed < time))
        {
            long pausedBefore = Environment.TickCount64 - (long)Pause.TotalMilliseconds;
            foreach (SocketConnection connection in table.Open)
            {
                if (IsShakingHands(connection, elapsed.Elapsed)) continue;
                bool insist = elapsed.Elapsed > LongestCourtesy || connection.Io.LastProgress < pausedBefore;
                connection.BeginDrain(evenInsideMessage: insist);
            }

            await Task.WhenAny(empty, Task.Delay(Step));
        }

        while (!empty.IsCompleted)
        {
            foreach (SocketConnection connection in table.Open) connection.Abort(CloseReason.DrainTimeout);
            await Task.WhenAny(empty, Task.Delay(Step));
        }
    }

    // A stranger who sends nothing, or never completes, does not hold up the stop.
    private static bool IsShakingHands(SocketConnection connection, TimeSpan elapsed) =>
        connection.Phase <= ConnectionPhase.Handshaking && !connection.Lifetime.Established
        && elapsed < (connection.BytesReceived > 0 ? LongestHandshake : LongestCourtesy);
}
