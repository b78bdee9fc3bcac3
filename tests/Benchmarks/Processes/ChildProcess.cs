using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace RawEcho.Benchmarks.Processes;

/// <summary>
/// A process of ours, pinned to cores if asked. It is known until it has ended, so that whatever happens to the
/// benchmark, nothing stays behind; and it is always ended by its own id.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int KeptErrorCharacters = 4000;

    private static readonly ConcurrentDictionary<int, ChildProcess> Running = new();

    private readonly Process _process;
    private readonly StringBuilder _error = new();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start) ?? throw new BenchFailure($"{start.FileName} cannot be started.");
        Id = _process.Id;
        Running[Id] = this;
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginErrorReadLine();
    }

    public int Id { get; }

    public TextReader Output => _process.StandardOutput;

    public TextWriter Input => _process.StandardInput;

    /// <summary>The beginning of what it wrote to standard error.</summary>
    public string Error
    {
        get
        {
            lock (_error) return _error.ToString().Trim();
        }
    }

    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cores">The cores it may use, as taskset(1) takes them; null for all.</param>
    /// <param name="directory">Its working directory; null for ours.</param>
    /// <param name="environment">Variables beside ours.</param>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        string? cores = null,
        string? directory = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        // taskset replaces itself by the program, so that the id is the program's, and all its threads inherit the cores.
        string[] command = cores is null ? [program, .. arguments] : ["taskset", "-c", cores, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new ChildProcess(start);
    }

    /// <summary>Ends all that still run.</summary>
    public static void KillAll()
    {
        foreach (ChildProcess child in Running.Values) child.Kill();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        Running.TryRemove(Id, out _);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Kill()
    {
        if (!Running.TryRemove(Id, out _)) return;
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended just now.
        }
    }

    private void Keep(string? line)
    {
        lock (_error)
        {
            if (line is not null && _error.Length < KeptErrorCharacters) _error.AppendLine(line);
        }
    }
}
