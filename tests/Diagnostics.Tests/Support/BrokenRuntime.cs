using System.Net.Sockets;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>
/// Stands where a runtime listens for tools and breaks off the first connections without a word, as one that starts or ends does. The
/// others it passes on.
/// </summary>
internal sealed class BrokenRuntime : IAsyncDisposable
{
    /// <summary>Commands by which events are asked for.</summary>
    public const byte EventPipe = 0x02;

    /// <summary>Commands by which a process is asked what it is.</summary>
    public const byte ProcessInfo = 0x04;

    private const int CommandSetAt = 16;

    private readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _real;
    private readonly byte _commands;
    private Action? _onFirst;
    private readonly Task _serving;
    private int _breaks;

    /// <param name="path">The socket of the runtime, which is put aside.</param>
    /// <param name="commands">Which commands are broken off: <see cref="EventPipe"/> or <see cref="ProcessInfo"/>.</param>
    /// <param name="breaks">How many of them are.</param>
    /// <param name="onFirst">Called before the first of them is.</param>
    public BrokenRuntime(string path, byte commands, int breaks, Action? onFirst = null)
    {
        (_commands, _breaks, _onFirst) = (commands, breaks, onFirst);
        File.Move(path, _real = $"{path}-real");
        _listening.Bind(new UnixDomainSocketEndPoint(path));
        _listening.Listen();
        _serving = ServeAsync();
    }

    /// <summary>Whether as many were broken off as should be.</summary>
    public bool HasBroken => Volatile.Read(ref _breaks) <= 0;

    public async ValueTask DisposeAsync()
    {
        _listening.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        List<Task> open = [];
        try
        {
            while (true) open.Add(ServeAsync(await _listening.AcceptAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It stops.
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var tool = new NetworkStream(socket, ownsSocket: true);
        // Of what has not been read the peer would hear by a reset.
        byte[] request = new byte[1 << 16];
        int read = await tool.ReadAsync(request);
        if (request[CommandSetAt] == _commands && Interlocked.Decrement(ref _breaks) >= 0)
        {
            Interlocked.Exchange(ref _onFirst, null)?.Invoke();
            return;
        }

        var real = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await real.ConnectAsync(new UnixDomainSocketEndPoint(_real));
        await using var runtime = new NetworkStream(real, ownsSocket: true);
        await runtime.WriteAsync(request.AsMemory(0, read));
        await Task.WhenAny(CopyAsync(tool, runtime), CopyAsync(runtime, tool));
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One of the two has gone.
        }
    }
}
