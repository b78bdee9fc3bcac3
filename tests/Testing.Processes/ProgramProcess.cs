using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RawEcho.Testing.Processes;

/// <summary>
/// A program while it runs: what it says, line by line, what it is told, and how it ends. Its output never may hold a stack
/// trace, or refer to an inner exception. What was still running when the test is over is killed, and its output goes to the test's own.
/// </summary>
public sealed class ProgramProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly List<string> _all = [];
    private readonly Task _reading;
    private TaskCompletionSource _news = NewNews();

    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of those of the test run.</param>
    /// <param name="folder">Its current directory; null for a place where there are no certificates.</param>
    public ProgramProcess(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        // Most of what the programs do here is to start. They need not have their full speed at once, which costs as much again:
        // 100 ms, the runtime's own default, in hexadecimal.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _name = Path.GetFileNameWithoutExtension(file);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{file} was not started.");
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Every line so far, from standard output and standard error.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    /// <summary>Waits for a line that holds <paramref name="part"/>; one that is already there counts.</summary>
    public Task<string> WaitForLineAsync(string part) => WaitForLineAsync(l => l.Contains(part, StringComparison.Ordinal), $"'{part}'");

    /// <summary>Waits for a line; one that is already there counts.</summary>
    public async Task<string> WaitForLineAsync(Predicate<string> wanted, string what)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            // Whether it is over is asked first: what comes to an end just now has said all it had to when it is searched.
            bool over = _reading.IsCompleted;
            Task news;
            lock (_lock)
            {
                if (_all.Find(wanted) is { } line) return line;
                news = _news.Task;
            }

            if (over) throw new InvalidOperationException($"{_name} ended and never said {what}.{Environment.NewLine}{this}");
            TimeSpan left = TimeLimit.Default - clock.Elapsed;
            if (left <= TimeSpan.Zero) throw new TimeoutException($"{_name} did not say {what}.{Environment.NewLine}{this}");
            await Task.WhenAny(news, _reading, Task.Delay(left));
        }
    }

    /// <summary>Types a line on its standard input.</summary>
    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).WithinLimit();
        await _process.StandardInput.FlushAsync().WithinLimit();
    }

    /// <summary>Ends its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends it a signal.</summary>
    public void Signal(PosixSignal signal)
    {
        const int hangUp = 1, interrupt = 2, terminate = 15;
        int number = signal switch
        {
            PosixSignal.SIGHUP => hangUp,
            PosixSignal.SIGINT => interrupt,
            PosixSignal.SIGTERM => terminate,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        if (kill(_process.Id, number) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int kill(int process, int signal);
    }

    /// <summary>Ends it without warning (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for its end.</summary>
    public async Task<ProgramResult> ExitAsync()
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _reading).WithinLimit();
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} did not end.{Environment.NewLine}{this}");
        }

        AssertNoStackTrace();
        lock (_lock) return new ProgramResult(_name, _process.ExitCode, [.. _output], [.. _errors]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await Task.WhenAll(_process.WaitForExitAsync(), _reading).WithinLimit();
        TestContext.Current.TestOutputHelper?.WriteLine($"{this}{Environment.NewLine}");
        _process.Dispose();
        AssertNoStackTrace();
    }

    public override string ToString() =>
        $"--- {_name} {string.Join(' ', _process.StartInfo.ArgumentList)}{Environment.NewLine}{string.Join(Environment.NewLine, Lines)}";

    private void AssertNoStackTrace()
    {
        if (Lines.Any(l => l.StartsWith("   at ", StringComparison.Ordinal))) Assert.Fail($"A stack trace:{Environment.NewLine}{this}");
        // Nobody but a debugger can see one.
        bool refersToInner = Lines.Any(l => l.Contains("inner exception", StringComparison.OrdinalIgnoreCase));
        if (refersToInner) Assert.Fail($"A message that refers to an inner exception:{Environment.NewLine}{this}");
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource news;
            lock (_lock)
            {
                lines.Add(line);
                _all.Add(line);
                (news, _news) = (_news, NewNews());
            }

            news.SetResult();
        }
    }

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
