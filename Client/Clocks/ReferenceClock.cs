using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RawEcho.CommandLine;

namespace RawEcho.Client.Clocks;

/// <summary>The clock of a time server, as far as it was measured: how it stands to the clock that only runs on.</summary>
internal sealed class ReferenceClock
{
    // What a clock may run fast or slow for as long as nobody looks: PHI of RFC 5905.
    private const double Drift = 15e-6;
    private const int Questions = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly long _asked;
    private readonly DateTimeOffset _timeWhenAsked;
    private readonly TimeSpan _error;

    private ReferenceClock(HostPort server, long asked, DateTimeOffset timeWhenAsked, TimeSpan error, TimeSpan offset)
    {
        (Server, _asked, _timeWhenAsked, _error) = (server, asked, timeWhenAsked, error);
        Offset = offset;
    }

    public HostPort Server { get; }

    /// <summary>Its time minus that of this machine's wall clock, when it was asked: above zero this machine is behind.</summary>
    public TimeSpan Offset { get; }

    /// <summary>How far the offset may be wrong by now: half the round trip, and what the clocks may have drifted since.</summary>
    public TimeSpan Error => _error + (Stopwatch.GetElapsedTime(_asked) * Drift);

    /// <summary>A time of it, in ticks of Stopwatch.</summary>
    public long TicksOf(DateTimeOffset time) => _asked + (long)((time - _timeWhenAsked).TotalSeconds * Stopwatch.Frequency);

    /// <summary>Asks a server several times; the answer with the shortest round trip counts.</summary>
    /// <param name="server">Its address.</param>
    /// <param name="stop">Cancelled when the user wants no more.</param>
    /// <exception cref="CommandException">It gives no time, or is not known.</exception>
    public static async Task<ReferenceClock> AskAsync(HostPort server, CancellationToken stop)
    {
        IPEndPoint address = (await HostNames.ResolveAsync(server).WaitAsync(stop))[0];
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        ReferenceClock? best = null;
        string problem =
            FormattableString.Invariant($"no answer to {Questions} questions (NTP over UDP), each within {Patience.TotalSeconds:0} s");
        try
        {
            // Then the kernel takes packets of this server alone, and says when nobody listens there.
            await socket.ConnectAsync(address, stop);
            for (int i = 0; i < Questions; i++)
            {
                if (i > 0) await Task.Delay(Pause, stop);
                Answer answer = await AskOnceAsync(socket, server, stop);
                problem = answer.Problem ?? problem;
                if (answer.Clock is { } clock && (best is null || clock._error < best._error)) best = clock;
                // Who is told no is not to ask again (RFC 5905 section 7.4).
                if (answer.IsRefusal) break;
            }
        }
        catch (SocketException e)
        {
            problem = e.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens there (UDP)" : e.Message;
        }

        return best ?? throw new CommandException(ExitCode.Fleet, $"--clock {server}: {problem}.");
    }

    private static async Task<Answer> AskOnceAsync(Socket socket, HostPort server, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        ulong nonce = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        byte[] question = SntpReply.Ask(nonce);
        // A longer packet is cut off: nothing behind these bytes is of interest.
        byte[] answer = new byte[SntpReply.Length];
        string? problem = null;
        try
        {
            long asked = Stopwatch.GetTimestamp();
            DateTimeOffset askedAt = DateTimeOffset.UtcNow;
            await socket.SendAsync(question, patience.Token);
            while (true)
            {
                int length = await ReceiveAsync(socket, answer, patience.Token);
                TimeSpan took = Stopwatch.GetElapsedTime(asked);
                if (!SntpReply.IsTo(answer.AsSpan(0, length), nonce))
                {
                    // The answer to the question before may come late, and others may send what they like: the right one may follow.
                    problem = "what answers there is no NTP, or the answer to another question (by its origin timestamp)";
                    continue;
                }

                string? refusal = SntpReply.Read(answer, out (DateTimeOffset Received, DateTimeOffset Sent) times);
                if (refusal is not null) return new Answer(null, refusal, IsRefusal: true);
                TimeSpan onTheWay = took - (times.Sent - times.Received);
                if (onTheWay < TimeSpan.Zero) onTheWay = TimeSpan.Zero;
                TimeSpan offset = ((times.Received - askedAt) + (times.Sent - (askedAt + took))) / 2;
                return new Answer(new ReferenceClock(server, asked, askedAt + offset, onTheWay / 2, offset));
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new Answer(null, problem);
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] answer, CancellationToken stop)
    {
        try
        {
            return await socket.ReceiveAsync(answer, stop);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
        {
            // So says Windows of a packet that was cut off.
            return answer.Length;
        }
    }

    private readonly record struct Answer(ReferenceClock? Clock, string? Problem = null, bool IsRefusal = false);
}
