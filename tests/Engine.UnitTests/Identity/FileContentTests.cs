using System.Diagnostics;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>What lies at a path is asked of the system: each kind has its own sentence, and only a pipe is waited for.</summary>
public sealed class FileContentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Each_kind_of_file_is_known_for_what_it_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: pipes, sockets and devices with a path.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
        string ordinary = _folder.Write("ordinary", "text"), fifo = await MakePipeAsync("fifo");
        (string File, FileKind Kind, CertificateFileProblem? Problem)[] cases =
        [
            (ordinary, FileKind.Regular, null),
            (Link("link", "ordinary"), FileKind.Regular, null),
            (Link("second-link", "link"), FileKind.Regular, null),
            ("/proc/self/status", FileKind.Regular, null),
            (_folder["missing"], FileKind.Missing, CertificateFileProblem.NotFound),
            (Path.Combine(ordinary, "below"), FileKind.Missing, CertificateFileProblem.NotFound),
            (Link("dangling", "missing"), FileKind.Missing, CertificateFileProblem.NotFound),
            (_folder.Path, FileKind.Directory, CertificateFileProblem.IsDirectory),
            (Link("to-directory", "."), FileKind.Directory, CertificateFileProblem.IsDirectory),
            (_folder["socket"], FileKind.Socket, CertificateFileProblem.IsSocket),
            ("/dev/null", FileKind.Device, CertificateFileProblem.IsDevice),
            ("/dev/zero", FileKind.Device, CertificateFileProblem.IsDevice),
            (fifo, FileKind.Pipe, CertificateFileProblem.IsPipe),
            (Link("to-fifo", "fifo"), FileKind.Pipe, CertificateFileProblem.IsPipe),
        ];
        foreach ((string file, FileKind kind, CertificateFileProblem? problem) in cases)
        {
            Assert.True(FileContent.KindOf(file) == kind, $"{file}: {FileContent.KindOf(file)}");
            if (problem is null)
            {
                Assert.False(FileContent.Read(file, acceptPipe: false).Bytes.IsEmpty);
                continue;
            }

            CertificateFileException failure = Assert.Throws<CertificateFileException>(() => FileContent.Read(file, acceptPipe: false));
            Assert.Equal((problem, file), (failure.Problem, failure.File));
            Assert.Equal(failure.Message, ProblemText.Of(failure));
        }

        Assert.Contains(
            "no such file: it is a link to \"missing\"",
            Assert.Throws<CertificateFileException>(() => FileContent.Read(_folder["dangling"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_memory_is_an_ordinary_one()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "There is no /dev/shm.");
        string file = $"/dev/shm/rawecho-test-{Guid.NewGuid():N}";
        try
        {
            File.WriteAllText(file, "text");
            Assert.Equal(FileKind.Regular, FileContent.KindOf(file));
            FileContent content = FileContent.Read(file, acceptPipe: false);
            Assert.Equal((4, false), (content.Bytes.Length, content.IsReadOnce));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_pipe_is_read_once_and_waited_for_no_longer_than_its_time()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: named pipes.");
        string fifo = await MakePipeAsync("fifo");
        Task<FileContent> reading = Task.Run(() => FileContent.Read(fifo), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(fifo, new string('x', 100_000), TestContext.Current.CancellationToken).WithinLimit();
        FileContent content = await reading.WithinLimit();
        Assert.Equal((100_000, true), (content.Bytes.Length, content.IsReadOnce));

        // Nobody writes, and then somebody who never ends.
        CertificateFileException failure = Assert.Throws<CertificateFileException>(
            () => FileContent.Read(fifo, acceptPipe: true, TimeSpan.FromMilliseconds(50)));
        Assert.Equal(CertificateFileProblem.TimedOut, failure.Problem);
        using var writer = new FileStream(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        writer.Write("half"u8);
        failure = Assert.Throws<CertificateFileException>(
            () => FileContent.Read(fifo, acceptPipe: true, TimeSpan.FromMilliseconds(50)));
        Assert.Equal(CertificateFileProblem.TimedOut, failure.Problem);
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using (var stream = new FileStream(_folder["large"], FileMode.CreateNew)) stream.SetLength(FileContent.MaxBytes + 1L);
        CertificateFileException failure = Assert.Throws<CertificateFileException>(() => FileContent.Read(_folder["large"]));
        Assert.Equal(CertificateFileProblem.TooLarge, failure.Problem);
    }

    public void Dispose() => _folder.Dispose();

    private string Link(string name, string target)
    {
        File.CreateSymbolicLink(_folder[name], target);
        return _folder[name];
    }

    private async Task<string> MakePipeAsync(string name)
    {
        using Process process = Process.Start("mkfifo", _folder[name]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WithinLimit();
        Assert.Equal(0, process.ExitCode);
        return _folder[name];
    }
}
