using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

// A program that does what it is told on standard input, in known amounts, and says when it is done:
//   burn MILLISECONDS     CPU time on a thread of the name "burner"
//   allocate MEGABYTES    on the managed heap, in small objects that are garbage at once
//   native MEGABYTES      of memory that no GC knows, touched, and kept
//   collect COUNT         full collections; says how long they paused the program, and how long all that ever were
//   connect COUNT BYTES   TCP connections with itself, kept open, and so many bytes over each
//   exit CODE
//   die CODE               at once, without the runtime's own end: that can deadlock with its MetricsEventSource while counters are read
var kept = new List<object>();
Console.WriteLine("ready");
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split(' ');
    int[] numbers = [.. words.Skip(1).Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
    string result = words[0] switch
    {
        "burn" => Burn(numbers[0]),
        "allocate" => Allocate(numbers[0]),
        "native" => Native(numbers[0]),
        "collect" => Collect(numbers[0]),
        "connect" => await ConnectAsync(numbers[0], numbers[1]),
        "exit" => Exit(numbers[0]),
        "die" => Die(numbers[0]),
        _ => "unknown",
    };
    Console.WriteLine($"done {words[0]} {result}".TrimEnd());
}

GC.KeepAlive(kept);
return 0;

static string Burn(int milliseconds)
{
    using var burned = new ManualResetEventSlim();
    new Thread(() =>
    {
        // By the thread's own clock: how long it takes on a busy machine is not what is told.
        TimeSpan start = Clock.OfThisThread;
        while ((Clock.OfThisThread - start).TotalMilliseconds < milliseconds) Thread.SpinWait(1000);
        burned.Set();
        // It stays, so that it is there to be seen.
        Thread.Sleep(Timeout.Infinite);
    })
    { Name = "burner", IsBackground = true }.Start();
    burned.Wait();
    return string.Empty;
}

static string Allocate(int megabytes)
{
    const int bytes = 1000, overhead = 24;
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (long i = 0; i < megabytes * 1_000_000L / (bytes + overhead); i++) GC.KeepAlive(new byte[bytes]);
    return (GC.GetAllocatedBytesForCurrentThread() - before).ToString(CultureInfo.InvariantCulture);
}

unsafe string Native(int megabytes)
{
    nuint bytes = (nuint)megabytes * 1024 * 1024;
    void* memory = NativeMemory.Alloc(bytes);
    NativeMemory.Fill(memory, bytes, 0x55);
    kept.Add((nint)memory);
    return string.Empty;
}

static string Collect(int count)
{
    TimeSpan before = GC.GetTotalPauseDuration();
    for (int i = 0; i < count; i++) GC.Collect();
    TimeSpan all = GC.GetTotalPauseDuration();
    return string.Create(CultureInfo.InvariantCulture, $"{(all - before).TotalSeconds} {all.TotalSeconds}");
}

async Task<string> ConnectAsync(int count, int bytes)
{
    var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    kept.Add(listener);
    for (int i = 0; i < count; i++)
    {
        var client = new TcpClient();
        Task connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        TcpClient server = await listener.AcceptTcpClientAsync();
        await connecting;
        await client.GetStream().WriteAsync(new byte[bytes]);
        await server.GetStream().ReadExactlyAsync(new byte[bytes]);
        kept.Add(client);
        kept.Add(server);
    }

    return string.Empty;
}

static string Exit(int code)
{
    Environment.Exit(code);
    return string.Empty;
}

static string Die(int code)
{
    if (OperatingSystem.IsLinux()) _exit(code);
    return Exit(code);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern void _exit(int code);
}

internal static class Clock
{
    /// <summary>CPU time of the thread that asks: clock_gettime(2) of CLOCK_THREAD_CPUTIME_ID.</summary>
    public static TimeSpan OfThisThread
    {
        get
        {
            const int threadClock = 3;
            if (!OperatingSystem.IsLinux()) return Process.GetCurrentProcess().TotalProcessorTime;
            _ = clock_gettime(threadClock, out TimeSpec time);
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);

            [DllImport("libc")]
            [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
            static extern int clock_gettime(int clock, out TimeSpec time);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
