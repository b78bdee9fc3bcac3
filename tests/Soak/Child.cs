using System.Diagnostics;
using System.Net;

namespace RawEcho.Soak;

/// <summary>One of RawEcho's programs while it runs.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _reading;

    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of those of the soak.</param>
    /// <param name="limit">What its memory may not exceed; null for no limit.</param>
    public Child(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, MemoryLimit? limit = null)
    {
        string file = Path.Combine(Layout.Out, program);
        if (!File.Exists(file)) throw new FileNotFoundException($"{file} is missing: run ./build.sh first.");
        var start = new ProcessStartInfo(limit is null ? file : "/bin/sh", limit is null ? arguments : limit.Wrap(file, arguments))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>All that it has said.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>How many of its lines contain the words.</summary>
    public int Count(string words) => Lines.Count(l => l.Contains(words, StringComparison.Ordinal));

    public async Task<string> WaitForLineAsync(string beginning, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit && !(_reading.IsCompleted && HasExited))
        {
            if (Lines.FirstOrDefault(l => l.StartsWith(beginning, StringComparison.Ordinal)) is { } line) return line;
            await Task.Delay(50);
        }

        throw new SoakException($"A program did not say '{beginning}': {string.Join(" | ", Lines.TakeLast(3))}");
    }

    /// <summary>Waits until a server listens.</summary>
    public async Task<IPEndPoint> ListensAsync(TimeSpan limit)
    {
        const string listening = "Listening on ";
        return IPEndPoint.Parse((await WaitForLineAsync(listening, limit))[listening.Length..]);
    }

    public async Task<int> ExitAsync(TimeSpan limit)
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _reading).WaitAsync(limit);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new SoakException($"A program did not end within {limit.TotalSeconds:0} s: {string.Join(" | ", Lines.TakeLast(3))}");
        }
    }

    public void Kill() => _process.Kill();

    /// <summary>Asks it to stop (SIGTERM).</summary>
    public void Terminate() => Native.Terminate(_process.Id);

    /// <summary>Stops it until <see cref="Resume"/> (SIGSTOP, SIGCONT).</summary>
    public void Pause() => Native.Pause(_process.Id);

    /// <summary>Lets it go on.</summary>
    public void Resume() => Native.Resume(_process.Id);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines) _lines.Add(line);
        }
    }
}
