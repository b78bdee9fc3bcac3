using System.IO.Pipes;

namespace RawEcho.CommandLine;

/// <summary>
/// Has the secrets of all sessions written to a file, for Wireshark (NSS key log format). .NET does it, where OpenSSL is the TLS
/// library: a switch and an environment variable that it reads when the process makes its first TLS connection. It gets a pipe
/// for a file, because a write that failed in its hands (a full disk) would end the process.
/// </summary>
internal sealed class KeyLog : IDisposable
{
    private const string Switch = "System.Net.EnableSslKeyLogging";
    private const string Variable = "SSLKEYLOGFILE";
    private const byte End = 0; // No byte of a key log.
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In);
    private readonly FileStream _file;
    private readonly Thread _copying;
    private bool _failed;

    private KeyLog(FileStream file)
    {
        _file = file;
        _copying = new Thread(Copy) { IsBackground = true, Name = "key log" };
    }

    /// <summary>Turns it on.</summary>
    /// <param name="file">The file; appended to, and made for its owner alone if it is missing.</param>
    /// <param name="notes">Takes the warning.</param>
    /// <exception cref="CommandException">This platform cannot do it, or the file cannot be written.</exception>
    public static void Start(string file, List<string> notes)
    {
        if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCode.Usage, "--keylog: .NET writes key logs on Linux alone.");
        var log = new KeyLog(Open(file));
        AppContext.SetSwitch(Switch, true);
        Environment.SetEnvironmentVariable(Variable, $"/proc/self/fd/{log._pipe.ClientSafePipeHandle.DangerousGetHandle()}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => log.Dispose();
        log._copying.Start();
        notes.Add($"WARNING: --keylog: whoever can read {file} can decrypt all traffic of this process.");
    }

    private static FileStream Open(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(file, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"--keylog: {file} cannot be written: {e.Message}");
        }
    }

    // Goes on reading when the file takes no more: a full pipe would stall handshakes.
    private void Copy()
    {
        byte[] buffer = new byte[1 << 16];
        while (_pipe.Read(buffer) is > 0 and int read)
        {
            bool over = buffer[read - 1] == End;
            Write(buffer.AsSpan(0, over ? read - 1 : read));
            if (over) return;
        }
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        if (_failed) return;
        try
        {
            _file.Write(lines);
        }
        catch (IOException e)
        {
            _failed = true;
            Console.Error.WriteLine($"WARNING: --keylog: no more is written: {e.Message}");
        }
    }

    /// <summary>Waits until all that .NET has written is in the file.</summary>
    public void Dispose()
    {
        using (var end = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(_pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, 0))
        {
            end.WriteByte(End);
        }

        _copying.Join(LongestFlush);
        _file.Dispose();
        _pipe.Dispose();
    }
}
