using System.Globalization;

namespace RawEcho.Soak;

/// <summary>The samples of a run, and one of each minute for people: on standard output, and in a CSV file as it goes.</summary>
internal sealed class Series : IDisposable
{
    private readonly StreamWriter _csv;
    private readonly List<Sample> _minute = [];
    private readonly List<Sample> _minutes = [];

    /// <param name="file">The CSV file. It is this run's alone: another soak that runs at the same time cannot write to it as well.</param>
    /// <exception cref="IOException">It cannot be written, or another run writes to it.</exception>
    public Series(string file)
    {
        _csv = new StreamWriter(new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None)) { AutoFlush = true };
        _csv.WriteLine("minutes,native_mib,gc_heap_mib,gc_committed_mib,private_mib,sockets,threads");
        Console.Out.WriteLine("MiB at rest:");
        Console.Out.WriteLine("   min  native  GC heap  GC committed  private  sockets  threads  handshakes");
    }

    /// <summary>One a minute: the least of what was seen in it.</summary>
    public IReadOnlyList<Sample> Minutes => _minutes;

    public void Add(Sample sample, HandshakeChurn churn)
    {
        if (_minute.Count > 0 && (int)_minute[0].At.TotalMinutes != (int)sample.At.TotalMinutes) Close(churn.ToString());
        _minute.Add(sample);
    }

    /// <summary>Writes the minute that has begun.</summary>
    public void Close(string handshakes)
    {
        if (_minute.Count == 0) return;
        Sample s = Sample.Least(_minute);
        _minute.Clear();
        _minutes.Add(s);
        _csv.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{s.At.TotalMinutes:0.0},{s.NativeMiB:0.00},{s.HeapMiB:0.00},{s.CommittedMiB:0.00},{s.PrivateMiB:0.00},"
                + $"{s.Sockets:0},{s.Threads:0}"));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{s.At.TotalMinutes,6:0.0}  {s.NativeMiB,6:0.0}  {s.HeapMiB,7:0.0}  {s.CommittedMiB,12:0.0}  {s.PrivateMiB,7:0.0}  "
                + $"{s.Sockets,7:0}  {s.Threads,7:0}  {handshakes}"));
    }

    public void Dispose() => _csv.Dispose();
}
