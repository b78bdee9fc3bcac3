using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using RawEcho.CommandLine;
using RawEcho.Terminal;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>
/// Strangers with large certificates of their own (TLS 1.2, no tickets) connect to a server whose memory is limited, while concurrent
/// busy connections must lose nothing. The kernel kills a server that leaks memory per stranger within a minute.
/// </summary>
/// <param name="time">How long.</param>
/// <param name="perSecond">Strangers, per second.</param>
internal sealed class AttackRun(TimeSpan time, int perSecond)
{
    private const long MemoryLimitBytes = 100 << 20;
    private const int CertificateBytes = 60 << 10;
    private const int BusyClients = 50;
    private const int AtATime = 64;
    private const double Mebi = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _refused;
    private long _peakPrivate;

    public async Task<int> RunAsync()
    {
        using var stop = new StopSignal(onQuitKey: false);
        (MemoryLimit? limit, string reason) = MemoryLimit.TryCreate(MemoryLimitBytes);
        using (limit)
        {
            Say($"Attack of {time.TotalMinutes:0} min: {perSecond} strangers a second with a certificate of {CertificateBytes >> 10} KB, "
                + $"TLS 1.2, no tickets; {BusyClients} busy connections beside them.");
            Say(limit is null
                ? $"No control group can be made: {reason.TrimEnd('.')}. So its memory is looked at each second, "
                    + $"and more than {MemoryLimitBytes >> 20} MB (RssAnon) is a failure."
                : $"The server is limited to {MemoryLimitBytes >> 20} MB by a control group.");
            try
            {
                await RunAsync(limit, stop.Asked);
            }
            catch (SoakException e)
            {
                await Task.WhenAny(stop.Asked, Task.Delay(TimeSpan.FromSeconds(1)));
                if (!stop.Asked.IsCompleted)
                {
                    Say($"FAILED after {_clock.Elapsed.TotalMinutes:0.0} min and {_refused} refusals: {e.Message}");
                    return SoakCommand.Failed;
                }
            }
        }

        if (!stop.Asked.IsCompleted) return ExitCode.Success;
        Say($"Interrupted by {await stop.Asked} after {_clock.Elapsed.TotalMinutes:0.0} of {time.TotalMinutes:0} min.");
        return ExitCode.Interrupted;
    }

    private async Task RunAsync(MemoryLimit? limit, Task stop)
    {
        using var certificates = new SoakCertificates();
        using var server = new Child(
            "rawecho-server", ["--listen", "127.0.0.1:0", .. certificates.Server, "--quiet"], environment: null, limit);
        try
        {
            IPEndPoint endPoint = await server.ListensAsync(Limit);
            using var busy = new Child(
                "rawecho-client",
                [
                    "--server", endPoint.ToString(), .. certificates.Client, .. Layout.Patient,
                    "--clients", $"{BusyClients}", "--duration", "500h", "--size", "1-2000", "--quiet",
                ]);
            await FloodAsync(endPoint, server, busy, stop);
            await EndAsync(server, busy);
        }
        finally
        {
            // A control group goes away after the last process in it.
            if (!server.HasExited) server.Kill();
            await server.ExitAsync(Limit);
            string groupPeak = limit?.Peak is { } peak
                ? string.Create(
                    CultureInfo.InvariantCulture, $" Peak of the control group, page cache included: {peak / Mebi:0.0} MiB.")
                : "";
            Say($"Refused: {_refused}. Peak of RssAnon: {_peakPrivate / Mebi:0.0} MiB.{groupPeak}");
        }
    }

    private async Task FloodAsync(IPEndPoint endPoint, Child server, Child busy, Task stop)
    {
        var flood = Stopwatch.StartNew();
        var open = new List<Task>();
        int begun = 0;
        TimeSpan nextLook = TimeSpan.Zero, nextLine = TimeSpan.Zero;
        while (flood.Elapsed < time && !stop.IsCompleted)
        {
            if (server.HasExited)
                throw new SoakException(
                    $"The server ended with exit code {await server.ExitAsync(Limit)}: {string.Join(" | ", server.Lines.TakeLast(3))}");
            if (busy.HasExited) throw new SoakException($"The busy connections ended: {string.Join(" | ", busy.Lines.TakeLast(3))}");
            foreach (Task done in open.Where(t => t.IsCompleted)) await done;
            open.RemoveAll(t => t.IsCompleted);
            for (; begun < flood.Elapsed.TotalSeconds * perSecond && open.Count < AtATime; begun++)
                open.Add(Task.Run(() => AttackAsync(endPoint)));
            if (flood.Elapsed >= nextLook)
            {
                nextLook = flood.Elapsed + TimeSpan.FromSeconds(1);
                long now = ProcessMemory.ReadPrivate(server.Id);
                _peakPrivate = Math.Max(_peakPrivate, now);
                if (now > MemoryLimitBytes) throw new SoakException($"The server holds {now / Mebi:0.0} MiB.");
                if (flood.Elapsed >= nextLine)
                {
                    nextLine = flood.Elapsed + Limit;
                    Say($"{flood.Elapsed.TotalMinutes,6:0.0} min: {_refused} refused, {open.Count} at the moment, "
                        + $"RssAnon {now / Mebi:0.0} MiB");
                }
            }

            await Task.Delay(10);
        }

        await Task.WhenAll(open);
    }

    private async Task AttackAsync(IPEndPoint endPoint)
    {
        using TlsPeer stranger = TlsPeer.SelfSigned(CertificateBytes, SslProtocols.Tls12, tickets: false);
        try
        {
            if (await stranger.ConnectAsync(endPoint, Limit) != PeerOutcome.Refused)
                throw new SoakException("The server let a stranger in.");
        }
        catch (TimeoutException e)
        {
            throw new SoakException(e.Message);
        }

        Interlocked.Increment(ref _refused);
    }

    private static async Task EndAsync(Child server, Child busy)
    {
        busy.Terminate();
        int code = await busy.ExitAsync(Limit);
        foreach (string line in busy.Lines)
        {
            if (line.StartsWith("Round trips", StringComparison.Ordinal) || line.StartsWith("Mismatches", StringComparison.Ordinal))
                Say($"Busy connections: {line}");
        }

        if (code is not (ExitCode.Success or ExitCode.Interrupted))
            throw new SoakException($"The busy connections ended with exit code {code}: {string.Join(" | ", busy.Lines.TakeLast(3))}");
        if (!busy.Lines.Contains("Mismatches: 0")) throw new SoakException("Echoes of the busy connections differ from what they sent.");
        server.Terminate();
        code = await server.ExitAsync(Limit);
        if (code != ExitCode.Success) throw new SoakException($"The server ended with exit code {code}");
        foreach (string line in server.Lines)
        {
            if (line.StartsWith("Connections", StringComparison.Ordinal) || line.StartsWith("Endings", StringComparison.Ordinal))
                Say($"Server: {line}");
        }
    }

    private static void Say(string line) => Console.Out.WriteLine(line);
}
