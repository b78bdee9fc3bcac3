using System.Globalization;
using System.Security.Authentication;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The heaps of the C library in a server that shakes hands on many threads.</summary>
public sealed class NativeHeapTests(Certificates certificates)
{
    private const ulong HeapAlignment = 64 << 20;

    [Fact]
    public async Task Handshakes_make_no_heap_for_each_thread()
    {
        const int strangers = 16, attempts = 10;
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet");
        int before = CountHeaps(server.Process.Id);
        await Parallel.ForAsync(0, strangers, async (_, _) =>
        {
            using TlsPeer stranger = TlsPeer.SelfSigned(1000, SslProtocols.Tls13, tickets: false);
            for (int i = 0; i < attempts; i++)
                Assert.Equal(PeerOutcome.Refused, await stranger.ConnectAsync(server.EndPoint, TimeLimit.Default));
        });
        // Without the limit each thread of the pool has its own, up to eight for each processor.
        int allowed = Math.Max(before, Environment.ProcessorCount);
        Assert.InRange(CountHeaps(server.Process.Id), 0, allowed);
        await server.StopAsync();
    }

    // glibc reserves 64 MB at a multiple of 64 MB for each heap but the first, and makes the beginning of it accessible.
    private static int CountHeaps(int process) => File.ReadLines($"/proc/{process}/maps").Count(line =>
    {
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var range, "rw-p", _, _, _]) return false;
        ulong[] ends = [.. range.Split('-').Select(end => ulong.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        return ends[0] % HeapAlignment == 0 && ends[1] - ends[0] < HeapAlignment;
    });
}
