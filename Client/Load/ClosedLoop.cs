using System.Diagnostics;
using RawEcho.Engine;

namespace RawEcho.Client.Load;

/// <summary>
/// As fast as the server answers: whenever an echo is complete, the next message goes out. The end of the one and the beginning of
/// the next are one moment, so a round trip takes one look at the clock.
/// </summary>
internal static class ClosedLoop
{
    /// <summary>Runs until the connection has sent all it has to, or ends.</summary>
    /// <param name="flow">Its messages.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="firstSign">The wait for data that is already under way.</param>
    /// <returns>True when every message that was to be sent has come back.</returns>
    public static async Task<bool> RunAsync(MessageFlow flow, Connection connection, Task<int> firstSign, byte[] buffer)
    {
        ValueTask writing = default;
        bool isWriting = false;
        bool isFirst = true;
        long now = Stopwatch.GetTimestamp();
        // An echo is always due.
        using BusyScope work = connection.BeginWork();
        while (true)
        {
            while (!isWriting && (flow.MayRepeat || flow.MayBegin(now)))
            {
                // Not awaited before reading: the echo of a long message must be taken while it is still being sent.
                ValueTask write = connection.WriteAsync(flow.MayRepeat ? flow.Repeat() : flow.Begin(now, now));
                if (write.IsCompletedSuccessfully) write.GetAwaiter().GetResult();
                else (writing, isWriting) = (write, true);
            }

            if (flow.InFlight == 0)
            {
                // Nothing was sent, because the time was over: the engine cannot close in order while somebody waits for data.
                if (isFirst) connection.EndWhenIdle();
                if (isFirst) await firstSign;
                return true;
            }

            if (isFirst) await firstSign;
            isFirst = false;
            int read = await connection.ReadAsync(buffer);
            if (read == 0) return false;
            now = Stopwatch.GetTimestamp();
            if (!flow.Take(buffer.AsSpan(0, read), now)) return false;
            if (!isWriting || (flow.InFlight > 0 && !writing.IsCompleted)) continue;
            await writing;
            isWriting = false;
        }
    }
}
