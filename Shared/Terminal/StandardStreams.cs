using System.Runtime.InteropServices;
using System.Text;

namespace RawEcho.Terminal;

/// <summary>
/// Standard input, output and error of this process, guarded: one that is closed, full or gone ends no program and lands in no other file.
/// </summary>
public static class StandardStreams
{
    private static readonly bool[] Closed = [IsClosed(0), IsClosed(1), IsClosed(2)];
    private static string _program = string.Empty;
    private static bool _isToldOfOutput;

    /// <summary>Standard output.</summary>
    public static GuardedWriter Output { get; } = Guard(1, Console.OpenStandardOutput);

    /// <summary>Standard error.</summary>
    public static GuardedWriter Error { get; } = Guard(2, Console.OpenStandardError);

    /// <summary>
    /// True where standard output is for another program to parse, so that no sentence for people may come between. It is in UTF-8 then,
    /// whatever the console of Windows is set to.
    /// </summary>
    public static bool OutputIsData
    {
        get;
        set
        {
            field = value;
            if (value && Console.IsOutputRedirected) Output.UseUtf8();
        }
    }

    /// <summary>Has Console write through <see cref="Output"/> and <see cref="Error"/>. Call it before a file is opened.</summary>
    /// <param name="program">The program's name, for its messages.</param>
    public static void Guard(string program)
    {
        _program = program;
        Output.OnFailure = TellOfOutput;
        Console.SetOut(Output);
        Console.SetError(Error);
        if (Closed[0]) Console.SetIn(TextReader.Null);
    }

    /// <summary>
    /// True for the name of a standard stream (/dev/stderr) that is closed. Opening it would open whatever has its number now, for example
    /// a pipe of the runtime.
    /// </summary>
    public static bool IsClosed(string path)
    {
        string[] streams = ["stdin", "stdout", "stderr"];
        string full = Path.GetFullPath(path);
        int number = Array.FindIndex(streams, s => full == $"/dev/{s}");
        if (Path.GetDirectoryName(full) is "/dev/fd" or "/proc/self/fd" && Path.GetFileName(full) is [var digit]) number = digit - '0';
        return number >= 0 && number < Closed.Length && Closed[number];
    }

    /// <summary>Writes what a command came to, on standard error if standard output does not take it.</summary>
    public static void WriteResult(string text)
    {
        long before = Output.Failures;
        Console.Out.Write(text);
        if (Output.Failures != before && !Output.IsUnread) Console.Error.Write(text);
    }

    /// <summary>Writes a line on standard error, or, when that does not take it, on standard output if that is for people.</summary>
    /// <param name="line">A sentence. On a terminal that is narrower it is broken between words, elsewhere it stays one line.</param>
    public static void WriteErrorLine(string line)
    {
        long before = Error.Failures, outputBefore = Output.Failures;
        Console.Error.WriteLine(
            Console.IsErrorRedirected ? line : string.Join(Environment.NewLine, WordWrap.Lines(line, TerminalWidth.OfError)));
        if (Error.Failures == before || OutputIsData) return;
        Console.Out.WriteLine(line);
        if (Output.Failures == outputBefore) Error.Forgive();
    }

    /// <summary>The same, for whom nothing may hold up: a line is left out where its reader would have to be waited for.</summary>
    /// <returns>False when it could not be written anywhere.</returns>
    public static bool TryWriteErrorLineNow(string line)
    {
        string text = line + Environment.NewLine;
        if (Error.TryWriteNow(text)) return true;
        if (OutputIsData || !Output.TryWriteNow(text)) return false;
        Error.Forgive();
        return true;
    }

    /// <summary>To be called at the end: says on standard output that notes or progress were lost, if they were.</summary>
    /// <returns>The exit code: that of the command, unless it succeeded and its output was lost.</returns>
    public static int Complete(int exitCode)
    {
        // Whoever closes standard error before he starts a program does not want to hear of it.
        if (Error.Failure is { } error && !Closed[2] && !OutputIsData) Output.TryWriteNow(Sentence("standard error", error));
        return exitCode == CommonExitCode.Success && Output.Failure is not null ? CommonExitCode.Output : exitCode;
    }

    // Once. A reader that has closed its end wants to hear no more.
    private static void TellOfOutput(OutputError error)
    {
        if (error.IsUnread || _isToldOfOutput) return;
        _isToldOfOutput = Error.TryWriteNow(Sentence("standard output", error));
    }

    private static string Sentence(string stream, OutputError error) =>
        $"{_program}: {stream} cannot be written: {error.Message}.{Environment.NewLine}";

    private static GuardedWriter Guard(int descriptor, Func<Stream> open)
    {
        OutputSink sink = OperatingSystem.IsWindows() ? new StreamSink(open()) : new DescriptorSink(Closed[descriptor] ? -1 : descriptor);
        // On Windows a process without a console has no code page (0), and nothing else than UTF-8 to go by.
        return new GuardedWriter(sink, Console.OutputEncoding is UTF8Encoding or { CodePage: 0 } ? null : Console.OutputEncoding);
    }

    // A program may be started with a standard stream closed (>&-). Its number then goes to whatever is opened first, and what is written
    // to standard output would land there. By now that may have happened: the runtime opens files before it comes to this program. Those
    // are told by FD_CLOEXEC, which nothing that was inherited can have. A number that is still free is taken by /dev/null, for reading
    // alone, so that writing to it goes on to fail.
    private static bool IsClosed(int descriptor)
    {
        const int getFlags = 1, closeOnExec = 1, readOnly = 0;
        if (OperatingSystem.IsWindows()) return false;
        int flags = fcntl(descriptor, getFlags);
        if (flags >= 0) return (flags & closeOnExec) != 0;
        int opened = open("/dev/null", readOnly);
        // Another thread of the runtime was faster.
        if (opened > descriptor) _ = close(opened);
        return true;
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fcntl(int descriptor, int command);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}
