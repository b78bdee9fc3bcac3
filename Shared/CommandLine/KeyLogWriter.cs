using System.Collections.Concurrent;
using System.Globalization;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>Where lines of a key log go.</summary>
internal interface IKeyLogSink
{
    /// <summary>Writes a line with its end, or nothing of it. After a failure the same line is given again, or none any more.</summary>
    /// <returns>Null when it is written; otherwise why not.</returns>
    OutputError? TryWrite(ReadOnlySpan<byte> line);

    /// <summary>Waits until there may be room again, after an error that says there was none.</summary>
    void WaitForRoom(TimeSpan longest);
}

/// <summary>
/// Takes lines without ever waiting, and writes them by a thread of its own: what the file does not take is tried again, a number of lines
/// waits meanwhile, and those that find no room are lost and counted.
/// </summary>
internal sealed class KeyLogWriter : IDisposable
{
    /// <summary>Lines that wait, count; a handshake has up to five.</summary>
    public const int Capacity = 4096;

    private const long LongestFlushMilliseconds = 1500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly IKeyLogSink _sink;
    private readonly string _file;
    private readonly Func<string, bool> _warn;
    private readonly BlockingCollection<byte[]> _lines = new(Capacity);
    private readonly ManualResetEventSlim _ending = new();
    private readonly Thread _writing;
    private long _giveUpAt = long.MaxValue;
    private long _unwritten;
    private bool _isWarned;

    /// <param name="sink">Where lines go.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="warn">Takes sentences for the user without waiting; false when it could not.</param>
    public KeyLogWriter(IKeyLogSink sink, string file, Func<string, bool> warn)
    {
        (_sink, _file, _warn) = (sink, file, warn);
        _writing = new Thread(Run) { IsBackground = true, Name = "key log" };
        _writing.Start();
    }

    /// <summary>Takes a line.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        // Counted before it can be written, so that what is not written is what was lost.
        Interlocked.Increment(ref _unwritten);
        _lines.TryAdd(line.ToArray());
    }

    /// <summary>Waits until all lines are written, for two seconds at most, and says how many were lost.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _giveUpAt, Environment.TickCount64 + LongestFlushMilliseconds);
        _lines.CompleteAdding();
        _ending.Set();
        bool hasEnded = _writing.Join(TimeSpan.FromMilliseconds(LongestFlushMilliseconds + Pause.TotalMilliseconds));
        long lost = Interlocked.Read(ref _unwritten);
        if (lost > 0) _warn(string.Create(CultureInfo.InvariantCulture, $"WARNING: --keylog: {lost} lines were lost."));
        // A write that never returns (a network file system) leaves the thread behind.
        if (!hasEnded) return;
        _lines.Dispose();
        _ending.Dispose();
    }

    private void Run()
    {
        foreach (byte[] line in _lines.GetConsumingEnumerable())
        {
            OutputError? failure;
            while ((failure = _sink.TryWrite(line)) is not null && MayTryAgain(failure))
            {
                if (DescriptorSink.IsFull(failure)) _sink.WaitForRoom(Step);
                else _ending.Wait(Pause);
            }

            if (failure is null) Interlocked.Decrement(ref _unwritten);
        }
    }

    private bool MayTryAgain(OutputError failure)
    {
        if (!_isWarned)
        {
            string why = DescriptorSink.IsFull(failure) ? "it is full" : failure.Message;
            _isWarned = _warn($"WARNING: --keylog: no more is written for now: {_file}: {why}. {Capacity} lines wait, others are lost.");
        }

        // At the end only a reader that is slow is waited for.
        return !_ending.IsSet || (DescriptorSink.IsFull(failure) && Environment.TickCount64 < Interlocked.Read(ref _giveUpAt));
    }
}
