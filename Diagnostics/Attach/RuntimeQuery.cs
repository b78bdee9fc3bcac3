using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Attach;

/// <summary>What a runtime reports about itself; null where it reports nothing.</summary>
/// <param name="CommandLine">How it was started.</param>
/// <param name="EntryAssembly">The name of its main assembly.</param>
/// <param name="Version">The version of the runtime, such as 10.0.12.</param>
internal sealed record RuntimeInfo(string? CommandLine, string? EntryAssembly, string? Version);

/// <summary>
/// Asks a runtime for its command line, main assembly and version: command ProcessInfo2 of the diagnostics IPC protocol
/// (dotnet/diagnostics, documentation/design-docs/ipc-protocol.md), which Microsoft.Diagnostics.NETCore.Client keeps to itself.
/// It changes nothing in the process, so it also tests whether attaching is permitted.
/// </summary>
internal static class RuntimeQuery
{
    private const int HeaderBytes = 20;
    private const byte ProcessCommands = 0x04;
    private const byte ProcessInfo2 = 0x04;
    private const byte ServerCommands = 0xFF;
    private const byte Ok = 0x00;
    private const int PidAndCookieBytes = 8 + 16;

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    /// <param name="address">Path of the socket, or name of the pipe on Windows.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SocketException">The socket cannot be connected to.</exception>
    /// <exception cref="UnauthorizedAccessException">The pipe may not be opened.</exception>
    /// <exception cref="IOException">The runtime broke off.</exception>
    /// <exception cref="OperationCanceledException">It did not answer in time.</exception>
    public static async Task<RuntimeInfo> AskAsync(string address, CancellationToken cancellation)
    {
        await using Stream stream = await ConnectAsync(address, cancellation);
        await stream.WriteAsync(Request(), cancellation);
        byte[] header = new byte[HeaderBytes];
        await stream.ReadExactlyAsync(header, cancellation);
        if (!header.AsSpan().StartsWith(Magic)) throw new IOException($"The diagnostics {DiagnosticSocket.Kind} speaks another protocol.");
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(Magic.Length));
        byte[] body = new byte[Math.Max(0, size - HeaderBytes)];
        await stream.ReadExactlyAsync(body, cancellation);
        // .NET 5 and earlier do not know the command; they can be watched nevertheless.
        if (header[Magic.Length + 2] != ServerCommands || header[Magic.Length + 3] != Ok) return new RuntimeInfo(null, null, null);
        return Parse(body);
    }

    private static async Task<Stream> ConnectAsync(string address, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(".", address, PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(cancellation);
            return pipe;
        }

        using SocketPath path = SocketPath.Open(address);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path.Name), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] Request()
    {
        byte[] request = new byte[HeaderBytes];
        Magic.CopyTo(request);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(Magic.Length), HeaderBytes);
        request[Magic.Length + 2] = ProcessCommands;
        request[Magic.Length + 3] = ProcessInfo2;
        return request;
    }

    // PID, cookie, then strings: command line, operating system, architecture, main assembly, version.
    private static RuntimeInfo Parse(ReadOnlySpan<byte> body)
    {
        body = body[Math.Min(PidAndCookieBytes, body.Length)..];
        string? commandLine = Text(ref body);
        Text(ref body);
        Text(ref body);
        string? assembly = Text(ref body);
        string? version = Text(ref body);
        // The version may carry the commit behind a plus sign.
        return new RuntimeInfo(commandLine, assembly, version?.Split('+')[0]);
    }

    // A count of UTF-16 characters, the final zero among them, and the characters.
    private static string? Text(ref ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(uint)) return null;
        long bytes = BinaryPrimitives.ReadUInt32LittleEndian(body) * (long)sizeof(char);
        body = body[sizeof(uint)..];
        if (bytes > body.Length) return null;
        string text = Encoding.Unicode.GetString(body[..(int)bytes]).TrimEnd('\0');
        body = body[(int)bytes..];
        return text.Length == 0 ? null : PrintableText.Of(text);
    }
}
