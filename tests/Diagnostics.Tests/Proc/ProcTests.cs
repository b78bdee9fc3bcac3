using System.Net;
using System.Net.Sockets;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Tests;

public class ProcTests
{
    [Fact]
    public void A_name_may_hold_anything()
    {
        const string line = "42 (a) b (c) S 7 1 1 0 -1 4194304 100 0 0 0 11 22 0 0 20 0 3 0 12345 1000 200 18446744073709551615";
        ProcStat stat = ProcStat.Parse(line)!.Value;
        Assert.Equal(
            ("a) b (c", 'S', 7, 11L, 22L, 12345L), (stat.Name, stat.State, stat.Parent, stat.UserTicks, stat.SystemTicks, stat.StartTicks));
        Assert.Null(ProcStat.Parse(null));
        Assert.Null(ProcStat.Parse(""));
    }

    [Fact]
    public void Status_is_in_bytes_and_what_is_not_there_is_absent()
    {
        ProcStatus status = ProcStatus.Parse("Name:\tx y\nUid:\t0\t5\t0\t0\nVmRSS:\t    2048 kB\nThreads:\t3\n")!;
        Assert.Equal(2048.0 * 1024, status.Bytes("VmRSS"));
        Assert.Equal(3, status.Number("Threads"));
        Assert.Equal(["0", "5", "0", "0"], status.Words("Uid"));
        Assert.Null(status.Bytes("VmSwap"));
    }

    [Fact]
    public void A_socket_of_this_process_stands_in_the_table_with_its_state()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: it reads /proc.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        long inode = long.Parse(
            ProcFile.Link($"/proc/self/fd/{listener.Server.Handle}")!.Split('[', ']')[1],
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(TcpTable.State.Listening, TcpTable.Read(Environment.ProcessId)![inode]);
    }

    [Fact]
    public void The_clock_of_a_process_goes_on_while_it_works_and_one_that_is_gone_has_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux.");
        double before = ProcessClock.Seconds(Environment.ProcessId)!.Value;
        Thread.SpinWait(1_000_000);
        Assert.True(ProcessClock.Seconds(Environment.ProcessId) > before);
        Assert.Null(ProcessClock.Seconds(4_194_304));
        Assert.Null(ProcStat.Of(4_194_304));
        Assert.Empty(ProcFile.List(4_194_304, "fd"));
    }
}
