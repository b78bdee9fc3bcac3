using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>
/// Has the secrets of all sessions written to a file, for Wireshark (NSS key log format). .NET does it, where OpenSSL is the TLS
/// library: a switch and an environment variable that it reads when the process makes its first TLS connection. It gets a pipe
/// for a file: a write that failed in its hands (a full disk) would end the process, and one that waited would stall all handshakes.
/// </summary>
internal sealed class KeyLog : IDisposable
{
    private const string Switch = "System.Net.EnableSslKeyLogging";
    private const string Variable = "SSLKEYLOGFILE";
    private const byte End = 0; // No byte of a key log.

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In);
    private readonly KeyLogWriter _writer;
    private readonly Thread _reading;

    private KeyLog(KeyLogWriter writer)
    {
        _writer = writer;
        _reading = new Thread(Read) { IsBackground = true, Name = "key log pipe" };
    }

    /// <summary>Turns it on.</summary>
    /// <param name="file">The file; appended to, and made for its owner alone if it is missing.</param>
    /// <param name="notes">Takes the warning.</param>
    /// <exception cref="CommandException">This platform cannot do it, or the file cannot be written.</exception>
    public static void Start(string file, List<Note> notes)
    {
        if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCode.Usage, "--keylog: .NET writes key logs on Linux alone.");
        var log = new KeyLog(new KeyLogWriter(KeyLogFile.Open(file), file, StandardStreams.TryWriteErrorLineNow));
        AppContext.SetSwitch(Switch, true);
        Environment.SetEnvironmentVariable(Variable, $"/proc/self/fd/{log._pipe.ClientSafePipeHandle.DangerousGetHandle()}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => log.Dispose();
        log._reading.Start();
        notes.Add(Note.Warning($"--keylog: whoever can read {file} can decrypt all traffic of this process."));
    }

    /// <summary>
    /// Waits until all that .NET has written is in the file, or until that takes no more. The pipe stays open, for the handshakes that
    /// are still under way when the process ends: a write of theirs that failed would crash it.
    /// </summary>
    public void Dispose()
    {
        using (var handle = new SafeFileHandle(_pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false))
        using (var end = new FileStream(handle, FileAccess.Write, bufferSize: 0))
        {
            end.WriteByte(End);
        }

        _reading.Join();
        _writer.Dispose();
    }

    // Never waits for anything but the next line: a full pipe would stall handshakes.
    private void Read()
    {
        byte[] buffer = new byte[1 << 16];
        int length = 0;
        while (_pipe.Read(buffer.AsSpan(length)) is > 0 and int read)
        {
            length += read;
            ReadOnlySpan<byte> left = buffer.AsSpan(0, length);
            while (left.IndexOf((byte)'\n') is >= 0 and int end)
            {
                _writer.Add(left[..(end + 1)]);
                left = left[(end + 1)..];
            }

            if (left is [.., End]) return;
            // No line is as long as the buffer.
            length = left.Length < buffer.Length ? left.Length : 0;
            left[..length].CopyTo(buffer);
        }
    }
}
