using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>
/// All files of a server are replaced ten times a second, every tenth time by broken ones, while connections echo and peers of all kinds
/// come and go: no message is lost, who may come in always does, and nobody else ever.
/// </summary>
/// <param name="time">How long.</param>
internal sealed class RotationRun(TimeSpan time)
{
    private const int BusyClients = 8;
    private const int BrokenEvery = 10;
    private const string Loaded = " Reloaded (", Kept = " NOT reloaded (";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private int _admitted;
    private int _refused;

    public Task<int> RunAsync() => Attempt.RunAsync(RunAsync);

    private async Task RunAsync(Task stop)
    {
        using var files = new RotationFiles();
        using var server = new Child("rawecho-server", ["--listen", "127.0.0.1:0", .. files.Options, "--reload", "50ms"]);
        IPEndPoint endPoint = await server.ListensAsync(Limit);
        using var busy = new Child(
            "rawecho-client",
            [
                "--server", endPoint.ToString(), .. files.Client, .. Layout.Patient, "--clients", $"{BusyClients}", "--duration", "500h",
                "--rate", "2000", "--size", "1-2000", "--quiet",
            ]);
        using var over = new CancellationTokenSource();
        TlsPeer[] good = [.. Peers(files.Good)], bad = [.. files.Bad().SelectMany(c => Peers(() => c))];
        Task[] visits =
        [
            .. good.Select(p => VisitAsync(p, endPoint, mayComeIn: true, over.Token)),
            .. bad.Select(p => VisitAsync(p, endPoint, mayComeIn: false, over.Token)),
        ];
        int swaps = await SwapAsync(files, server, busy, visits, stop);
        await over.CancelAsync();
        await Task.WhenAll(visits);
        // Not before all have ended: bad peers share certificates.
        foreach (TlsPeer peer in good.Concat(bad)) peer.Dispose();
        await EndAsync(server, busy);
        Console.Out.WriteLine($"Swaps: {swaps}. Handshakes: {_admitted} admitted, {_refused} refused.");
    }

    private static IEnumerable<TlsPeer> Peers(Func<X509Certificate2> certificate) =>
        from version in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13]
        from tickets in (bool[])[false, true]
        select new TlsPeer($"{version}, tickets: {tickets}", certificate(), version, tickets);

    private async Task<int> SwapAsync(RotationFiles files, Child server, Child busy, Task[] visits, Task stop)
    {
        var clock = Stopwatch.StartNew();
        int turn = 0;
        for (; clock.Elapsed < time && !stop.IsCompleted; turn++)
        {
            if (server.HasExited || busy.HasExited)
                throw new SoakException($"A program ended: {string.Join(" | ", server.Lines.TakeLast(2).Concat(busy.Lines.TakeLast(2)))}");
            if (Array.Find(visits, v => v.IsCompleted) is { } ended) await ended;
            if (turn % BrokenEvery == BrokenEvery - 1) files.Break(turn);
            else files.Swap(turn);
            await Task.Delay(Pace);
        }

        // A slow machine may have seen none of the broken sets while it lasted.
        if (!stop.IsCompleted) await ShowAsync(() => files.Break(turn), server, Kept);
        if (!stop.IsCompleted) await ShowAsync(() => files.Swap(turn), server, Loaded);
        return turn;
    }

    // Replaces the files and waits until the server says what it does with them, however slow it is.
    private static async Task ShowAsync(Action replace, Child server, string words)
    {
        int before = server.Count(words);
        replace();
        var clock = Stopwatch.StartNew();
        while (server.Count(words) == before)
        {
            if (clock.Elapsed > Limit) throw new SoakException($"The server did not say '{words}' within {Limit.TotalSeconds:0} s.");
            await Task.Delay(Pace);
        }
    }

    private async Task VisitAsync(TlsPeer peer, IPEndPoint server, bool mayComeIn, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            PeerOutcome outcome;
            try
            {
                outcome = await peer.ConnectAsync(server, Limit);
            }
            catch (TimeoutException e)
            {
                throw new SoakException(e.Message);
            }

            if (outcome == PeerOutcome.Refused == mayComeIn)
                throw new SoakException($"{peer.Name}: {(mayComeIn ? "a good peer was refused" : "a bad peer was let in")}.");
            Interlocked.Increment(ref mayComeIn ? ref _admitted : ref _refused);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private static async Task EndAsync(Child server, Child busy)
    {
        busy.Terminate();
        int code = await busy.ExitAsync(Limit);
        if (code is not (ExitCode.Success or ExitCode.Interrupted) || !busy.Lines.Contains("Mismatches: 0"))
            throw new SoakException($"The busy connections ended with exit code {code}: {string.Join(" | ", busy.Lines.TakeLast(3))}");
        server.Terminate();
        code = await server.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The server ended with exit code {code}.");
        Console.Out.WriteLine($"Reloads: {server.Count(Loaded)} taken up, {server.Count(Kept)} refused.");
    }
}
