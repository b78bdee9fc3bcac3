using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RawEcho.Client.Clocks;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>A clock is measured by its answers: by how much it is off, in which direction, and how far that may be wrong.</summary>
public sealed class ReferenceClockTests
{
    private static readonly TimeSpan Close = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    [InlineData(0)]
    public async Task A_server_whose_clock_is_ahead_is_ahead_and_one_behind_behind(int secondsAhead)
    {
        TimeSpan ahead = TimeSpan.FromSeconds(secondsAhead);
        using var server = new TimeServer(ahead, delay: TimeSpan.Zero);
        ReferenceClock clock = await ReferenceClock.AskAsync(server.Address, CancellationToken.None).WithinLimit();
        Assert.InRange(clock.Offset, ahead - clock.Error - Close, ahead + clock.Error + Close);
        // A moment by its clock comes when its clock says so, whatever this machine's says.
        long inTenSeconds = clock.TicksOf(DateTimeOffset.UtcNow + ahead + TimeSpan.FromSeconds(10)) - Stopwatch.GetTimestamp();
        Assert.InRange(Stopwatch.GetElapsedTime(0, inTenSeconds), TimeSpan.FromSeconds(10) - Close, TimeSpan.FromSeconds(10) + Close);
    }

    [Fact]
    public async Task What_an_answer_takes_on_its_way_is_no_certainty()
    {
        TimeSpan onTheWay = TimeSpan.FromMilliseconds(60);
        using var server = new TimeServer(TimeSpan.Zero, onTheWay);
        ReferenceClock clock = await ReferenceClock.AskAsync(server.Address, CancellationToken.None).WithinLimit();
        Assert.True(clock.Error >= onTheWay / 2, $"{clock.Error}");
        // All of it was behind the answer: the offset is off by half of it, as the error admits. A busy machine pauses between two clocks.
        Assert.InRange(clock.Offset, -clock.Error - Close, clock.Error + Close);
    }

    /// <summary>Answers with a clock of its own (RFC 5905), and lets the answers take their time.</summary>
    private sealed class TimeServer : IDisposable
    {
        private const int OriginAt = 24, ReceiveAt = 32, TransmitAt = 40;
        private static readonly DateTimeOffset Era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly TimeSpan _ahead;
        private readonly TimeSpan _delay;

        public TimeServer(TimeSpan ahead, TimeSpan delay)
        {
            (_ahead, _delay) = (ahead, delay);
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _ = ServeAsync();
        }

        public HostPort Address => new(IPAddress.Loopback.ToString(), ((IPEndPoint)_socket.LocalEndPoint!).Port);

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                byte[] question = new byte[SntpReply.Length];
                while (true)
                {
                    SocketReceiveFromResult from = await _socket.ReceiveFromAsync(question, new IPEndPoint(IPAddress.Any, 0));
                    byte[] answer = new byte[SntpReply.Length];
                    (answer[0], answer[1]) = ((4 << 3) | 4, 2);
                    question.AsSpan(TransmitAt, sizeof(ulong)).CopyTo(answer.AsSpan(OriginAt));
                    Write(answer.AsSpan(ReceiveAt), DateTimeOffset.UtcNow + _ahead);
                    Write(answer.AsSpan(TransmitAt), DateTimeOffset.UtcNow + _ahead);
                    await Task.Delay(_delay);
                    await _socket.SendToAsync(answer, from.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static void Write(Span<byte> at, DateTimeOffset time)
        {
            double seconds = (time - Era).TotalSeconds;
            BinaryPrimitives.WriteUInt64BigEndian(at, (ulong)(seconds * (1L << 32)));
        }
    }
}
