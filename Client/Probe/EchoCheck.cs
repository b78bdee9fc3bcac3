using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using RawEcho.Engine;

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

    /// <param name="connection">Where messages go.</param>
    /// <param name="timeout">For all of them.</param>
    public static async Task<EchoResult> RunAsync(Connection connection, TimeSpan timeout)
    {
        bool isTls = connection.Tls is not null;
        TimeSpan? first = null, best = null;
        byte[] answer = new byte[Size];
        int count = 0;
        using var deadline = new CancellationTokenSource(timeout);
        // Ends the wait and not the connection: the server is owed a goodbye all the same.
        await using CancellationTokenRegistration late = deadline.Token.UnsafeRegister(c => ((Connection)c!).EndWhenIdle(), connection);
        try
        {
            for (int i = 0; i < Messages; i++)
            {
                byte[] message = CreateMessage();
                long start = Stopwatch.GetTimestamp();
                await connection.WriteAsync(message);
                for (count = 0; count < Size;)
                {
                    int read = await connection.ReadAsync(answer.AsMemory(count));
                    count += read;
                    if (read == 0) return End(AtEndOfStream(connection.EndOfStream, isTls));
                    if (!message.AsSpan().StartsWith(answer.AsSpan(0, count))) return End(EchoEnd.Differs);
                }

                TimeSpan time = Stopwatch.GetElapsedTime(start);
                if (first is null) first = time;
                else if (best is null || time < best) best = time;
            }

            return End(EchoEnd.Echoed);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && deadline.IsCancellationRequested)
        {
            // Half a message was not enough to end in order.
            return End(EchoEnd.Silent);
        }
        catch (IOException e)
        {
            return TlsAlert.In(e) is { } alert ? End(EchoEnd.Alert, alert) : End(EchoEnd.CutOff);
        }

        EchoResult End(EchoEnd end, TlsAlert? alert = null) => new(end, first, best, end == EchoEnd.Echoed ? [] : answer[..count], alert);
    }

    // Without TLS an end in order looks like any other.
    internal static EchoEnd AtEndOfStream(CloseReason end, bool isTls) => end switch
    {
        CloseReason.Drained => EchoEnd.Silent,
        CloseReason.PeerClosed when isTls => EchoEnd.Closed,
        _ => EchoEnd.CutOff,
    };

    // A line of text: servers that read lines answer it too, and it can be read in their logs.
    private static byte[] CreateMessage()
    {
        string text = $"rawecho-client probe {RandomNumberGenerator.GetHexString(Size, lowercase: true)}";
        return Encoding.ASCII.GetBytes(text[..(Size - 1)] + "\n");
    }
}
