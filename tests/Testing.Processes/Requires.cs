using System.Net;
using System.Net.Sockets;

namespace RawEcho.Testing.Processes;

/// <summary>What a machine may lack. A test that needs it is skipped there, and says why.</summary>
public static class Requires
{
    public static async Task OpenSslAsync()
    {
        Assert.SkipWhen(Programs.OpenSsl is null, "There is no openssl on this machine.");
        await using var openssl = new ProgramProcess(Programs.OpenSsl!, ["version"]);
        ProgramResult result = await openssl.ExitAsync();
        bool genuine = result.Output.Any(l => l.StartsWith("OpenSSL ", StringComparison.Ordinal));
        Assert.SkipUnless(genuine, $"The openssl of this machine is another one: {string.Join(' ', result.Output)}.");
    }

    public static void Linux(string why) => Assert.SkipUnless(OperatingSystem.IsLinux(), $"Only on Linux: {why}.");

    public static void Signals() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM and SIGINT to send.");

    /// <summary>What nohup(1) starts inherits that SIGHUP is ignored, and so would the programs.</summary>
    public static void HangUp()
    {
        const int hangUp = 1;
        Signals();
        Assert.SkipWhen(IsIgnored(hangUp), "This test run was started with SIGHUP ignored, and its child processes inherit that.");
    }

    /// <summary>A job in the background of a script inherits that Ctrl-C is ignored, and so would the programs.</summary>
    public static void CtrlC()
    {
        const int interrupt = 2;
        Signals();
        Assert.SkipWhen(IsIgnored(interrupt), "This test run was started with SIGINT ignored, and its child processes inherit that.");
    }

    public static void NoRoot(string why) => Assert.SkipWhen(
        OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, $"Not as root: {why}.");

    public static void IPv6()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException)
        {
            Assert.Skip("This machine has no IPv6 loopback address.");
        }
    }

    public static async Task PythonAsync()
    {
        Assert.SkipWhen(Programs.Python is null, "There is no python3 on this machine.");
        await using var python = new ProgramProcess(Programs.Python!, ["-c", "import ssl"]);
        ProgramResult result = await python.ExitAsync();
        Assert.SkipUnless(result.ExitCode == 0, "The python3 of this machine has no ssl module.");
    }

    private static bool IsIgnored(int signal)
    {
        const string status = "/proc/self/status";
        const string label = "SigIgn:";
        if (!File.Exists(status)) return false;
        string line = File.ReadLines(status).First(l => l.StartsWith(label, StringComparison.Ordinal));
        return (Convert.ToUInt64(line[label.Length..].Trim(), 16) >> (signal - 1) & 1) != 0;
    }
}
