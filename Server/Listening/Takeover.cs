using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Server.Listening;

/// <summary>
/// The new server's side of a hot restart: takes the listening sockets of the server that it replaces, and lets it go when it accepts from
/// them itself. Until then the old one serves; if this process fails, nothing has happened to it.
/// </summary>
internal sealed class Takeover : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly string _path;

    private Takeover(Socket socket, string path, int processId, IReadOnlyList<ServerSocket> sockets) =>
        (_socket, _path, ProcessId, Sockets) = (socket, path, processId, sockets);

    /// <summary>The process that is replaced.</summary>
    public int ProcessId { get; }

    /// <summary>Its sockets: the caller's, from now on.</summary>
    public IReadOnlyList<ServerSocket> Sockets { get; }

    /// <summary>Asks the server that waits at a path for its sockets.</summary>
    /// <param name="path">Where it waits, if there is one.</param>
    /// <returns>Null when nobody waits there.</returns>
    /// <exception cref="CommandException">There is somebody, who gives none.</exception>
    public static async Task<Takeover?> TryBeginAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            if (!await TryConnectAsync(socket, path))
            {
                socket.Dispose();
                return null;
            }

            HandoverPeer peer = HandoverPeer.Of(socket);
            if (!peer.IsTrusted) throw Failed(path, $"process {peer.ProcessId} waits there, which belongs to another user");
            using var limit = new CancellationTokenSource(AnswerTime);
            await socket.SendAsync(HandoverText.Hello, SocketFlags.None, limit.Token);
            return new Takeover(socket, path, peer.ProcessId, await ReceiveAsync(socket, path, limit.Token));
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or IOException) throw Failed(path, $"it failed: {e.Message}");
            if (e is OperationCanceledException) throw Failed(path, $"the server there did not answer within {AnswerTime.TotalSeconds} s");
            throw;
        }
    }

    /// <summary>Says that this server accepts now, and waits until the other has begun to stop.</summary>
    /// <returns>False when that one has ended before it could say so, or does not answer.</returns>
    public async Task<bool> CompleteAsync()
    {
        using var limit = new CancellationTokenSource(AnswerTime);
        try
        {
            await _socket.SendAsync(HandoverText.Ready, SocketFlags.None, limit.Token);
            byte[] answer = new byte[HandoverText.Stopping.Length];
            int read = await _socket.ReceiveAsync(answer, SocketFlags.None, limit.Token);
            return answer.AsSpan(0, read).SequenceEqual(HandoverText.Stopping.Span);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<bool> TryConnectAsync(Socket socket, string path)
    {
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable
            || !File.Exists(path))
        {
            // No such file, or one that a process has left behind.
            return false;
        }
    }

    private static async Task<IReadOnlyList<ServerSocket>> ReceiveAsync(Socket socket, string path, CancellationToken limit)
    {
        // Waits for the message, and leaves it where it is.
        await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, limit);
        byte[] text = new byte[HandoverText.MostBytes];
        int length = DescriptorMessage.Receive(socket, text, out int[] descriptors);
        if (length == 0) throw Failed(path, "the server there hands nothing over: another process is replacing it, or it is stopping");
        IReadOnlyList<SocketUse>? uses = HandoverText.UsesIn(text.AsSpan(0, length), descriptors.Length);
        var sockets = new List<ServerSocket>();
        try
        {
            if (uses is null) throw Failed(path, "what waits there is no rawecho-server that this one understands");
            foreach ((int i, SocketUse use) in uses.Index())
                sockets.Add(new ServerSocket(use, ListeningSocket.FromDescriptor(descriptors[i], owns: true)));
            return sockets;
        }
        catch
        {
            foreach (ServerSocket taken in sockets) taken.Socket.Dispose();
            foreach (int descriptor in descriptors.Skip(sockets.Count)) new SafeSocketHandle(descriptor, ownsHandle: true).Dispose();
            throw;
        }
    }

    private static CommandException Failed(string path, string why) => new(ExitCode.Network, $"--handover {path}: {why}.");
}
