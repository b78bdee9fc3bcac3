using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace RawEcho.Client.Probe;

/// <summary>What came of the probe's messages.</summary>
internal enum EchoEnd
{
    /// <summary>All came back as they were sent.</summary>
    Echoed,

    /// <summary>Something else came back.</summary>
    Differs,

    /// <summary>The server closed in order.</summary>
    Closed,

    /// <summary>The connection ended without a goodbye.</summary>
    CutOff,

    /// <summary>The server sent an alert.</summary>
    Alert,

    /// <summary>Nothing came in time.</summary>
    Silent,
}

/// <summary>The outcome of the echoes.</summary>
/// <param name="End">How they ended.</param>
/// <param name="First">Time of the first one; it waits for the server's part of the handshake. Null when it did not come.</param>
/// <param name="Best">The shortest time of those behind it.</param>
/// <param name="Answer">What came of the last echo, when it was not all of it or another.</param>
/// <param name="Alert">The server's alert.</param>
internal sealed record EchoResult(EchoEnd End, TimeSpan? First, TimeSpan? Best, byte[] Answer, TlsAlert? Alert);

/// <summary>Sends a few messages and waits for their echoes.</summary>
internal static class EchoCheck
{
    /// <summary>Bytes of a message.</summary>
    public const int Size = 64;

    private const int Messages = 5;

    /// <param name="stream">Where messages go.</param>
    /// <param name="tap">The wire below it.</param>
    /// <param name="timeout">For all of them.</param>
    public static async Task<EchoResult> RunAsync(Stream stream, WireTap tap, TimeSpan timeout)
    {
        TimeSpan? first = null, best = null;
        byte[] answer = new byte[Size];
        int count = 0;
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            for (int i = 0; i < Messages; i++)
            {
                byte[] message = CreateMessage();
                long start = Stopwatch.GetTimestamp();
                await stream.WriteAsync(message, deadline.Token);
                for (count = 0; count < Size;)
                {
                    int read = await stream.ReadAsync(answer.AsMemory(count), deadline.Token);
                    count += read;
                    if (read == 0) return End(tap.HasEnded ? EchoEnd.CutOff : EchoEnd.Closed);
                    if (!message.AsSpan().StartsWith(answer.AsSpan(0, count))) return End(EchoEnd.Differs);
                }

                TimeSpan time = Stopwatch.GetElapsedTime(start);
                if (first is null) first = time;
                else if (best is null || time < best) best = time;
            }

            return End(EchoEnd.Echoed);
        }
        catch (OperationCanceledException)
        {
            return End(EchoEnd.Silent);
        }
        catch (IOException e)
        {
            return TlsAlert.In(e) is { } alert ? End(EchoEnd.Alert, alert) : End(EchoEnd.CutOff);
        }

        EchoResult End(EchoEnd end, TlsAlert? alert = null) => new(end, first, best, end == EchoEnd.Echoed ? [] : answer[..count], alert);
    }

    // A line of text: servers that read lines answer it too, and it can be read in their logs.
    private static byte[] CreateMessage()
    {
        string text = $"rawecho-client probe {RandomNumberGenerator.GetHexString(Size, lowercase: true)}";
        return Encoding.ASCII.GetBytes(text[..(Size - 1)] + "\n");
    }
}
