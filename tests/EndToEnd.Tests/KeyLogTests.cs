using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>A key log whose file is full, or is a pipe that nobody reads: it loses lines, says so, and stops nothing else.</summary>
public sealed class KeyLogTests(Certificates certificates)
{
    /// <summary>A line of a key log: label, client random, secret (NSS key log format).</summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public const string WholeLine = "^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+$";

    private const string TakesNoMore = "WARNING: --keylog: no more is written for now: ";

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    [InlineData("2> >(exec true)")]
    public async Task A_full_device_and_a_dead_standard_error_end_nothing(string redirection)
    {
        Requires.Linux("/dev/full");
        await using RunningServer server = await RunningServer.OfAsync(Shell.Start(
            redirection, Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--keylog", "/dev/full"]));
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "5", "--duration", "300ms", "--quiet")).EndedWith(Exit.Success);
        // On standard output, because standard error does not take it.
        ProgramResult result = (await server.StopAsync()).WithOutput($"{TakesNoMore}/dev/full: No space left on device.");
        result.WithOutput("WARNING: --keylog: 25 lines were lost.");
    }

    [Fact]
    public async Task A_named_pipe_that_nobody_reads_holds_up_no_handshake_and_no_stop()
    {
        // Some 180 bytes each, five for a handshake, in a pipe of 64 KB.
        const int handshakes = 150;
        Requires.Linux("mkfifo");
        using var folder = new TempFolder();
        string pipe = MakePipe(folder);
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--keylog", pipe, "--quiet");
        // Opened by a reader that never reads.
        Task<FileStream> opened = OpenAsync(pipe);
        string[] many = ["--count", $"{handshakes}", "--sessions", "full", "--quiet"];
        string[] burst = ["handshake", "--server", server.Address, .. certificates.ClientOptions, .. many];
        (await LoadRun.RunAsync(burst)).EndedWith(Exit.Success).WithOutput($"Full handshakes: {handshakes} in ");
        using FileStream reader = await opened.WithinLimit();
        await server.Process.WaitForLineAsync(TakesNoMore);
        (await server.StopAsync()).WithError(" lines were lost.").WithOutput($"Handshakes: {handshakes} done, 0 failed");
    }

    [Fact]
    public async Task A_named_pipe_may_get_its_reader_later_and_another_one_after_that()
    {
        Requires.Linux("mkfifo");
        using var folder = new TempFolder();
        string pipe = MakePipe(folder);
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--keylog", pipe, "--quiet");
        string[] load = ["--clients", "2", "--duration", "300ms", "--quiet"];
        for (int i = 0; i < 2; i++)
        {
            (await LoadRun.RunAsync(server.Address, certificates, load)).EndedWith(Exit.Success);
            using FileStream reader = await OpenAsync(pipe).WithinLimit();
            using var lines = new StreamReader(reader);
            for (int line = 0; line < 10; line++) Assert.Matches(WholeLine, await lines.ReadLineAsync().WithinLimit() ?? string.Empty);
        }

        (await LoadRun.RunAsync(server.Address, certificates, load)).EndedWith(Exit.Success);
        (await server.StopAsync()).WithError($"{TakesNoMore}{pipe}: nobody reads it.").WithError("WARNING: --keylog: 10 lines were lost.");
    }

    [Fact]
    public async Task A_disk_that_is_full_for_a_moment_costs_no_line_and_cuts_none()
    {
        // No multiple of a line.
        const ulong room = 250;
        Requires.Linux("prlimit");
        using var folder = new TempFolder();
        // As a program that was killed may leave it.
        string keys = folder.Write("keys", "CLIENT_RANDOM 0123");
        await using RunningServer server = await RunningServer.OfAsync(Shell.StartWithLimitedFiles(
            string.Empty, Programs.Server, ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--keylog", keys]));
        ResourceLimit.SetFileSize(server.Process.Id, (ulong)new FileInfo(keys).Length + room);
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--duration", "300ms", "--quiet")).EndedWith(Exit.Success);
        await server.Process.WaitForLineAsync($"{TakesNoMore}{keys}: File too large.");
        Assert.EndsWith("\n", await File.ReadAllTextAsync(keys), StringComparison.Ordinal);
        ResourceLimit.SetFileSize(server.Process.Id, soft: null);
        await TimeLimit.Until(() => File.ReadLines(keys).Count() == 21, "all lines are there");
        ProgramResult result = await server.StopAsync();
        Assert.DoesNotContain(result.Errors, l => l.Contains("were lost", StringComparison.Ordinal));
        string[] lines = await File.ReadAllLinesAsync(keys);
        Assert.Equal("CLIENT_RANDOM 0123", lines[0]);
        Assert.All(lines.Skip(1), l => Assert.Matches(WholeLine, l));
    }

    [Fact]
    public async Task A_socket_and_a_directory_are_no_files_for_a_key_log()
    {
        Requires.Linux("elsewhere .NET writes none");
        using var folder = new TempFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        foreach (string file in new[] { folder["socket"], folder.Path })
        {
            ProgramResult result = await LoadRun.RunAsync("127.0.0.1:1", certificates, "--keylog", file);
            result.EndedWith(Exit.Usage).WithOneSentence($"--keylog: {file} cannot be written: ");
        }
    }

    [Fact]
    public async Task A_standard_stream_that_is_closed_is_no_file_for_a_key_log()
    {
        Requires.Linux("elsewhere .NET writes none");
        // Its number has gone to a pipe of the runtime's own.
        await using ProgramProcess server = Shell.Start(
            "2>&-", Programs.Server, [.. certificates.ServerOptions, "--keylog", "/dev/stderr"]);
        (await server.ExitAsync())
            .EndedWith(Exit.Usage).WithOutput("rawecho-server: --keylog: /dev/stderr cannot be written: it is closed.");
    }

    private static string MakePipe(TempFolder folder)
    {
        const int ownerAlone = 0x180;
        string pipe = folder["pipe"];
        Assert.Equal(0, mkfifo(pipe, ownerAlone));
        return pipe;

        [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int mkfifo(string path, int mode);
    }

    // Waits for the writer, which opens it with its next line.
    private static Task<FileStream> OpenAsync(string pipe) =>
        Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));
}
