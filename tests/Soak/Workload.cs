using System.Net;
using RawEcho.CommandLine;
using RawEcho.Faults;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>What is done to the server in each cycle, besides the steady load: good clients that come and go, and everything bad.</summary>
internal sealed class Workload(
    IPEndPoint server, FaultProxy proxy, SoakCertificates certificates, HandshakeChurn churn, Strangers strangers)
{
    // In one of so many cycles the strangers stay until the deadlines of the server end them; in the others they leave before.
    private const int CyclesOfPatience = 50;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly int[] AfterFaults =
        [ExitCode.Success, ExitCode.Network, ExitCode.TlsRefused, ExitCode.ConnectionLost, ExitCode.ServerClosed];

    private int _cycles;

    /// <summary>Runs until the time is over, and everything begun has ended.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        CancellationToken until = end.Token;
        CancellationToken patience = ++_cycles % CyclesOfPatience == 0 ? CancellationToken.None : until;
        await Task.WhenAll(
            RepeatAsync(ChurnAsync, until),
            RepeatAsync(FaultsAsync, until),
            RepeatAsync(strangers.VisitAsync, until),
            strangers.StandAsync(patience),
            churn.RunAsync(until),
            SendWithoutReadingAsync(patience),
            MassDisconnectAsync());
    }

    private static async Task RepeatAsync(Func<Task> action, CancellationToken until)
    {
        do await action();
        while (!until.IsCancellationRequested);
    }

    // Good clients, straight to the server: nothing may go wrong for them.
    private async Task ChurnAsync()
    {
        using Child client = Client(server, [.. Layout.Patient, "--clients", "30", "--messages", "600", "--size", "1-20000"]);
        int code = await client.ExitAsync(Limit);
        if (code != ExitCode.Success)
            throw new SoakException($"A good client ended with exit code {code}: {string.Join(" | ", client.Lines.TakeLast(3))}");
    }

    private async Task FaultsAsync()
    {
        using Child client = Client(
            proxy.EndPoint, "--clients", "8", "--messages", "200", "--size", "1-3000", "--echo-timeout", "3s", "--drain-timeout", "1s");
        int code = await client.ExitAsync(Limit);
        if (!AfterFaults.Contains(code))
            throw new SoakException(
                $"A client behind the proxy ended with exit code {code}: {string.Join(" | ", client.Lines.TakeLast(3))}");
    }

    private async Task SendWithoutReadingAsync(CancellationToken until)
    {
        List<TlsPeer> peers = certificates.MakeGood();
        await Task.WhenAll(peers.Select(p => p.SendWithoutReadingAsync(server, until)));
        peers.ForEach(p => p.Dispose());
    }

    private async Task MassDisconnectAsync()
    {
        using Child client = Client(server, [.. Layout.Patient, "--clients", "100", "--wait"]);
        await client.WaitForLineAsync("100 clients connected. Press", Limit);
        client.Kill();
        await client.ExitAsync(Limit);
    }

    private Child Client(IPEndPoint target, params string[] more) =>
        new("rawecho-client", ["--server", target.ToString(), .. certificates.Client, .. more]);
}
