using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A rawecho-server that listens.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private const string Listening = "Listening on ";

    private RunningServer(ProgramProcess process, IPEndPoint endPoint) => (Process, EndPoint) = (process, endPoint);

    public ProgramProcess Process { get; }

    public IPEndPoint EndPoint { get; }

    public string Address => EndPoint.ToString();

    /// <summary>Starts one with the good certificates on a free port of 127.0.0.1.</summary>
    public static Task<RunningServer> StartAsync(Certificates certificates, params string[] more) =>
        StartAsync(["--listen", "127.0.0.1:0", .. certificates.ServerOptions, .. more]);

    /// <summary>Starts one with exactly these arguments.</summary>
    public static Task<RunningServer> StartAsync(params string[] arguments) => OfAsync(new ProgramProcess(Programs.Server, arguments));

    /// <summary>Starts one that may not have more file descriptors than <paramref name="limit"/>.</summary>
    public static Task<RunningServer> StartWithDescriptorsAsync(int limit, Certificates certificates, params string[] more)
    {
        string[] words = [Programs.Server, "--listen", "127.0.0.1:0", .. certificates.ServerOptions, .. more];
        string script = string.Create(CultureInfo.InvariantCulture, $"ulimit -n {limit}; exec \"$@\"");
        return OfAsync(new ProgramProcess(Programs.Bash!, ["-c", script, "bash", .. words]));
    }

    /// <summary>Takes a program that has been started for a server, and waits until it listens.</summary>
    public static async Task<RunningServer> OfAsync(ProgramProcess process)
    {
        try
        {
            string line = await process.WaitForLineAsync(Listening);
            await process.WaitForLineAsync("Server started");
            return new RunningServer(process, IPEndPoint.Parse(line[Listening.Length..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many file descriptors it has open.</summary>
    public int CountDescriptors() => Directory.GetFileSystemEntries($"/proc/{Process.Id}/fd").Length;

    /// <summary>Waits until it has said how a number of connections ended. Without --verbose it says nothing of good endings.</summary>
    public Task WaitForEndingsAsync(string ending, int count) => TimeLimit.Until(
        () => Process.Lines.Count(l => l.Contains(ending, StringComparison.Ordinal)) >= count,
        $"{count} times '{ending}' in the server's log");

    /// <summary>Stops it, and sees to it that it stops in order.</summary>
    public async Task<ProgramResult> StopAsync(PosixSignal signal = PosixSignal.SIGTERM)
    {
        if (OperatingSystem.IsWindows())
        {
            Process.Kill();
            await Process.ExitAsync();
            Assert.Skip("On Windows a server without a console cannot be asked to stop.");
        }

        Process.Signal(signal);
        ProgramResult result = await Process.ExitAsync();
        return result.EndedWith(Exit.Success);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
