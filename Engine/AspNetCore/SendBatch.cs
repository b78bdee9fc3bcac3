using System.Collections.Concurrent;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Sends of many connections, one after the other, in one item of the thread pool: what is ready to be received is received and answered
/// first. Sends that follow each other closely wake their receivers less often.
/// </summary>
internal sealed class SendBatch : IThreadPoolWorkItem
{
    private static readonly SendBatch[] All = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SendBatch())];

    private static int _next;

    private readonly ConcurrentQueue<ConnectionWriter> _writers = new();
    private int _isQueued;

    private SendBatch() { }

    /// <summary>The batch of one connection more: they take turns, so that all processors can send.</summary>
    public static SendBatch Next() => All[(uint)Interlocked.Increment(ref _next) % All.Length];

    /// <summary>Sends what a connection has gathered, soon.</summary>
    public void Add(ConnectionWriter writer)
    {
        _writers.Enqueue(writer);
        if (Interlocked.Exchange(ref _isQueued, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_writers.TryDequeue(out ConnectionWriter? writer)) writer.SendGathered();
            Volatile.Write(ref _isQueued, 0);
        }
        while (!_writers.IsEmpty && Interlocked.Exchange(ref _isQueued, 1) == 0);
    }
}
