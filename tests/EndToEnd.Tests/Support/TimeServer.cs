using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A time server (NTP) of the test's own on a free port of loopback.</summary>
internal sealed class TimeServer : IAsyncDisposable
{
    private const int OriginAt = 24, ReceiveAt = 32, TransmitAt = 40;
    private static readonly DateTimeOffset Era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly TimeSpan _ahead;
    private readonly Func<byte[], IEnumerable<byte[]>> _change;
    private readonly Task _serving;
    private int _asked;

    /// <param name="ahead">How far its clock is ahead of this machine's.</param>
    /// <param name="change">Makes what is sent of a good answer; null to send that.</param>
    public TimeServer(TimeSpan ahead, Func<byte[], IEnumerable<byte[]>>? change = null)
    {
        (_ahead, _change) = (ahead, change ?? (good => [good]));
        _serving = ServeAsync();
    }

    public string Address => _socket.Client.LocalEndPoint!.ToString()!;

    /// <summary>Its time.</summary>
    public DateTimeOffset Now => DateTimeOffset.UtcNow + _ahead;

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _serving.WithinLimit();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                UdpReceiveResult question = await _socket.ReceiveAsync();
                Interlocked.Increment(ref _asked);
                foreach (byte[] answer in _change(Answer(question.Buffer))) await _socket.SendAsync(answer, question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private byte[] Answer(byte[] question)
    {
        const byte versionAndMode = (4 << 3) | 4, stratum = 2;
        byte[] answer = new byte[48];
        answer[0] = versionAndMode;
        answer[1] = stratum;
        question.AsSpan(TransmitAt, sizeof(ulong)).CopyTo(answer.AsSpan(OriginAt));
        ulong time = (ulong)((Now - Era).TotalSeconds * (1L << 32));
        BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(ReceiveAt), time);
        BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(TransmitAt), time);
        return answer;
    }
}
