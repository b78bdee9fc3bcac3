using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Files that change under a running server: bad moments are survived and told once, and what comes after them counts.</summary>
public sealed class TlsReloadTests : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);

    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<TlsMaterial> _applied = new();
    private readonly string _ca, _certificate, _key, _list, _allowed;

    public TlsReloadTests()
    {
        (_certificate, _key) = _pki.WritePem(_folder, "own", new Leaf());
        _ca = _folder.Write("ca.pem", _pki.CaPem);
        _list = _folder.Write("list.pem", List());
        _allowed = _folder.Write("allowed", "cn:someone\n");
    }

    public static TheoryData<string> BadMoments =>
        ["DSA", "Ed25519", "cut off", "empty", "gone", "directory", "pipe", "dangling link", "UTF-16", "key of another", "noise"];

    [Theory]
    [MemberData(nameof(BadMoments))]
    public async Task A_revocation_takes_effect_after_a_bad_moment(string moment)
    {
        Assert.SkipWhen(moment is "pipe" or "dangling link" && !OperatingSystem.IsLinux(), "Only on Linux: named pipes and links.");
        TlsSource source = Source();
        await using TlsReload reload = Watch(source, source.Load());
        byte[] good = File.ReadAllBytes(_key);
        await SpoilAsync(moment);
        await TimeLimit.Until(() => _lines.Any(l => l.StartsWith("NOT reloaded", StringComparison.Ordinal)), "that it is bad");
        await Task.Delay(100, TestContext.Current.CancellationToken);
        // Where the file is gone before the next one is there, that may have been told too.
        Assert.Equal(_lines.Distinct(), _lines);
        Assert.All(_lines, l => Assert.StartsWith("NOT reloaded", l, StringComparison.Ordinal));
        Assert.All(_lines, l => Assert.Contains(_key, l, StringComparison.Ordinal));
        Assert.Empty(_applied);

        if (Directory.Exists(_key)) Directory.Delete(_key);
        Replace(_key, good);
        using X509Certificate2 revoked = _pki.Issue(new Leaf());
        Replace(_list, List(revoked));
        await TimeLimit.Until(() => _applied.LastOrDefault()?.Admission.Revocation?.Entries == 1, "that the list is in use");
    }

    [Fact]
    public async Task Whatever_is_thrown_the_loop_goes_on_and_says_it_once()
    {
        Exception[] thrown =
        [
            new NotSupportedException("kind"), new PlatformNotSupportedException("here"), new InvalidOperationException("state"),
            new InvalidCastException("nothing"), new AuthenticationException("tls"), new OperationCanceledException("not the stop"),
            new TimeoutException("late"), new InsufficientMemoryException("memory"), new AggregateException("all"),
        ];
        int loads = 0;
        TlsMaterial first = Source().Load();
        await using var reload = new TlsReload(
            first,
            () => loads++ < thrown.Length ? throw thrown[loads - 1] : Source().Load(),
            fresh =>
            {
                _applied.Enqueue(fresh);
                return _applied.Count == 1 ? throw new NotSupportedException("applying") : 0;
            },
            _lines.Enqueue,
            Often);
        for (int i = 0; i < thrown.Length + 1; i++)
        {
            Replace(_allowed, $"cn:someone {i}\n");
            await TimeLimit.Until(() => _lines.Count > i, $"line {i + 1}");
        }

        Assert.All(_lines, l => Assert.StartsWith("NOT reloaded (files have changed)", l, StringComparison.Ordinal));
        Replace(_allowed, "cn:someone\ncn:another\n");
        await TimeLimit.Until(() => _lines.Last().StartsWith("Reloaded", StringComparison.Ordinal), "that it is loaded");
    }

    [Fact]
    public async Task A_line_that_cannot_be_written_stops_nothing()
    {
        TlsSource source = Source();
        await using var reload = new TlsReload(
            source.Load(), source.Load, Apply, _ => throw new IOException("The log is full."), Often);
        Replace(_key, "nothing");
        await Task.Delay(100, TestContext.Current.CancellationToken);
        _pki.WritePem(_folder, "own", new Leaf { Subject = "CN=second" });
        await TimeLimit.Until(() => _applied.LastOrDefault()?.Identity?.Certificate.Subject == "CN=second", "the second certificate");
    }

    [Fact]
    public async Task What_time_alone_mends_is_tried_again_without_a_change_and_without_a_word()
    {
        int loads = 0;
        TlsSource source = Source();
        await using var reload = new TlsReload(
            source.Load(), () => ++loads < 4 ? throw new IOException("not yet") : source.Load(), Apply, _lines.Enqueue, Often);
        Replace(_allowed, "cn:another\n");
        await TimeLimit.Until(() => !_applied.IsEmpty, "that it is loaded");
        Assert.Equal(2, _lines.Count);
    }

    [Fact]
    public async Task A_file_that_never_ends_keeps_neither_the_loop_nor_the_stop()
    {
        using var never = new ManualResetEventSlim();
        bool hangs = true;
        TlsSource source = Source();
        TlsMaterial Load()
        {
            if (hangs) never.Wait(TestContext.Current.CancellationToken);
            return source.Load();
        }

        await using (var reload = new TlsReload(
            source.Load(), Load, Apply, _lines.Enqueue, Often, limit: TimeSpan.FromMilliseconds(50)))
        {
            Replace(_allowed, "cn:another\n");
            await TimeLimit.Until(() => _lines.Any(l => l.Contains("could not be read within", StringComparison.Ordinal)), "that it hangs");
            hangs = false;
            await TimeLimit.Until(() => !_applied.IsEmpty, "that it is loaded");
        }

        hangs = true;
        var stopping = new TlsReload(source.Load(), Load, Apply, _lines.Enqueue, Often, limit: TimeSpan.FromHours(1));
        Replace(_allowed, "cn:yet another\n");
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await stopping.DisposeAsync().WithinLimit();
        never.Set();
    }

    [Fact]
    public async Task What_a_pipe_gave_is_kept_and_the_other_files_are_read_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: named pipes.");
        byte[] key = File.ReadAllBytes(_key);
        await SpoilAsync("pipe");
        TlsSource source = Source();
        Task<TlsMaterial> starting = Task.Run(source.Load, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_key, key, TestContext.Current.CancellationToken).WithinLimit();
        TlsMaterial first = await starting.WithinLimit();
        Assert.Contains(first.Notes, n => n.Text.Contains("is a pipe", StringComparison.Ordinal));
        await using TlsReload reload = Watch(source, first);
        Replace(_allowed, "cn:someone\ncn:another\n");
        await TimeLimit.Until(() => _applied.LastOrDefault()?.Admission.Allowed?.Count == 2, "the second entry");
        Assert.DoesNotContain(_lines, l => l.StartsWith("NOT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_in_memory_are_read_again()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "There is no /dev/shm.");
        string allowed = $"/dev/shm/rawecho-test-{Guid.NewGuid():N}";
        try
        {
            Replace(allowed, "");
            TlsSource source = Source(allowed);
            await using TlsReload reload = Watch(source, source.Load());
            Replace(allowed, "cn:someone\n");
            await TimeLimit.Until(() => _applied.LastOrDefault()?.Admission.Allowed?.Count == 1, "the entry");
        }
        finally
        {
            File.Delete(allowed);
        }
    }

    public void Dispose()
    {
        _pki.Dispose();
        _folder.Dispose();
    }

    private TlsSource Source(string? allowed = null) => new()
    {
        OwnRole = PeerRole.Server,
        Level = TlsLevel.Mutual,
        Protocols = SslProtocols.Tls13,
        Ca = _ca,
        PartialChain = false,
        Certificate = _certificate,
        Key = _key,
        Password = new PasswordSource(null, null),
        Policy = TlsPolicy.Strict,
        Admission = new AdmissionSource([_list], MissingList.Refuse, [], allowed ?? _allowed),
        KeyLogFile = null,
        HandshakeTimeout = TimeSpan.FromSeconds(10),
    };

    private TlsReload Watch(TlsSource source, TlsMaterial first) => new(first, source.Load, Apply, _lines.Enqueue, Often);

    // In one step: who looks as often as this test does would see the file empty, and say so.
    private static void Replace(string file, byte[] bytes)
    {
        File.WriteAllBytes($"{file}.new", bytes);
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static void Replace(string file, string text) => Replace(file, System.Text.Encoding.UTF8.GetBytes(text));

    private int Apply(TlsMaterial fresh)
    {
        _applied.Enqueue(fresh);
        return 0;
    }

    private string List(params X509Certificate2[] revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (X509Certificate2 c in revoked) builder.AddEntry(c);
        byte[] list = builder.Build(_pki.Issuer, 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256);
        return new string(PemEncoding.Write("X509 CRL", list));
    }

    private async Task SpoilAsync(string moment)
    {
        switch (moment)
        {
            case "DSA":
            case "Ed25519":
                string oid = moment == "DSA" ? "1.2.840.10040.4.1" : "1.3.101.112";
                var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
                using (writer.PushSequence())
                {
                    writer.WriteInteger(0);
                    using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
                    writer.WriteOctetString([4, 2, 1, 2]);
                }

                Replace(_key, new string(PemEncoding.Write("PRIVATE KEY", writer.Encode())));
                return;
            case "cut off":
                Replace(_key, File.ReadAllText(_key)[..60]);
                return;
            case "empty":
                Replace(_key, "");
                return;
            case "UTF-16":
                Replace(_key, System.Text.Encoding.Unicode.GetBytes("\uFEFF" + File.ReadAllText(_key)));
                return;
            case "key of another":
                using (ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256)) Replace(_key, other.ExportPkcs8PrivateKeyPem());
                return;
            case "noise":
                Replace(_key, [0x30, 0x82, 1, 0, 0x42]);
                return;
        }

        File.Delete(_key);
        if (moment == "directory") Directory.CreateDirectory(_key);
        if (moment == "dangling link") File.CreateSymbolicLink(_key, "nothing");
        if (moment != "pipe") return;
        using Process process = Process.Start("mkfifo", _key);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WithinLimit();
    }
}
