using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Runs once what happens when accepting fails. A method that is called for the first time, or often, may make the runtime start the thread
/// that compiles, which takes descriptors; and the first accept that fails for want of descriptors would be such a first time, before
/// anybody could have closed one. A runtime that cannot start this thread ends the process.
/// </summary>
internal static class AcceptRehearsal
{
    private static readonly Lazy<Task> OfThisProcess = new(RunAsync);

    /// <summary>Completes when it has been run in this process.</summary>
    public static Task Once => OfThisProcess.Value;

    private static async Task RunAsync()
    {
        try
        {
            var operations = new SocketOperationPool(connections: 0, preallocated: 0);
            using var listener = new SocketListener(ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), backlog: 1), operations);
            ValueTask<(Socket? Socket, SocketError Error)> accepting = listener.AcceptAsync();
            listener.Dispose();
            await accepting;
            await listener.ReleaseAsync();
            // The first error of a system call fills the tables by which errors are translated.
            using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            unconnected.Receive(new byte[1], SocketFlags.None, out _);
        }
        catch (Exception e) when (e is ListenException or SocketException or ObjectDisposedException)
        {
            // There is no IPv4 here: accepting works all the same.
        }
    }
}
