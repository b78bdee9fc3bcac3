using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>What the garbage collector said after its last collection, in bytes.</summary>
internal readonly record struct CollectorState(double Heap, double Committed);

/// <summary>
/// Reads the counters of the garbage collector as a user would: rawecho-diagnostics stays attached for the whole soak and records into
/// a file, so that the memory of its session is part of every sample from the first one on.
/// </summary>
internal sealed class CollectorWatch : IDisposable
{
    private const int IntervalSeconds = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly TempFolder _folder = new();
    private readonly string _file;
    private readonly int _process;
    private Child _recorder;

    public CollectorWatch(int process)
    {
        (_process, _file) = (process, _folder["gc.jsonl"]);
        _recorder = Attach();
    }

    /// <summary>
    /// Has the server collect all garbage, and gives the first numbers that are written after it: garbage that no collection came for would
    /// hide a leak of a few megabytes, and look like one.
    /// </summary>
    public async Task<CollectorState> NextAsync()
    {
        await CollectAsync();
        long from = File.Exists(_file) ? new FileInfo(_file).Length : 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Limit; await Task.Delay(100))
        {
            if (Read(from) is { } state) return state;
            // On a machine without a free moment it gives up after 5 s without an answer.
            if (!_recorder.HasExited || !Directory.Exists($"/proc/{_process}")) continue;
            _recorder.Dispose();
            (_recorder, from) = (Attach(), 0);
        }

        throw new SoakException(
            $"rawecho-diagnostics gives no numbers of the garbage collector: {string.Join(" | ", _recorder.Lines.TakeLast(3))}");
    }

    public void Dispose()
    {
        _recorder.Dispose();
        _folder.Dispose();
    }

    // The runtime collects when a session with this keyword begins (GCHeapCollectKeyword, "CLR ETW Keywords and Levels").
    private async Task CollectAsync()
    {
        const long collect = 0x800000;
        using var limit = new CancellationTokenSource(Limit);
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, collect);
        try
        {
            using EventPipeSession session = await new DiagnosticsClient(_process)
                .StartEventPipeSessionAsync([provider], requestRundown: false, circularBufferMB: 1, limit.Token);
            Task reading = session.EventStream.CopyToAsync(Stream.Null, limit.Token);
            await session.StopAsync(limit.Token);
            await reading;
        }
        catch (Exception e) when (e is ServerNotAvailableException or IOException or OperationCanceledException)
        {
            throw new SoakException($"The server cannot be made to collect its garbage: {e.Message}");
        }
    }

    private Child Attach()
    {
        File.Delete(_file);
        return new Child(
            "rawecho-diagnostics",
            [
                "record", "--force", "-o", _file, "--group", "memory", "--interval", $"{IntervalSeconds}s", "--quiet",
                _process.ToString(CultureInfo.InvariantCulture),
            ]);
    }

    // Whole lines alone: the last one may be half written.
    private CollectorState? Read(long from)
    {
        if (!File.Exists(_file)) return null;
        using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = from;
        using var reader = new StreamReader(file);
        string text = reader.ReadToEnd();
        int end = text.LastIndexOf('\n');
        return end < 0 ? null : text[..end].Split('\n').Select(Parse).LastOrDefault(s => s is not null);
    }

    private static CollectorState? Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        if (!document.RootElement.TryGetProperty("values", out JsonElement values)) return null;
        // Before the first collection there is no such number.
        return values.TryGetProperty("memory.gc.heap", out JsonElement heap)
            && values.TryGetProperty("memory.gc.committed", out JsonElement committed)
            ? new CollectorState(heap.GetDouble(), committed.GetDouble())
            : null;
    }
}
