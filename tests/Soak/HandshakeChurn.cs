using System.Globalization;
using System.Net;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>Handshakes of every kind, as many as there is time for: full and resumed, good and refused, small and large.</summary>
internal sealed class HandshakeChurn(IPEndPoint server, SoakCertificates certificates)
{
    private const int AtATime = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly int[] _outcomes = new int[Enum.GetValues<PeerOutcome>().Length];

    public int Count(PeerOutcome outcome) => Volatile.Read(ref _outcomes[(int)outcome]);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(PeerOutcome.Full)} full, {Count(PeerOutcome.Resumed)} resumed, {Count(PeerOutcome.Refused)} refused");

    /// <summary>Every peer several times, so that those with tickets resume; then new ones, until the time is over.</summary>
    public async Task RunAsync(CancellationToken until)
    {
        const int rounds = 3;
        do
        {
            (List<TlsPeer> good, List<TlsPeer> bad) = (certificates.MakeGood(), certificates.MakeBad());
            try
            {
                for (int round = 0; round < rounds; round++)
                {
                    await Parallel.ForEachAsync(
                        good.Concat(bad), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (peer, _) =>
                    {
                        PeerOutcome outcome = await ConnectAsync(peer);
                        if (outcome == PeerOutcome.Refused == good.Contains(peer))
                            throw new SoakException($"The peer '{peer.Name}' saw this: {outcome}.");
                    });
                }
            }
            finally
            {
                good.ForEach(p => p.Dispose());
                bad.ForEach(p => p.Dispose());
            }
        }
        while (!until.IsCancellationRequested);
    }

    private async Task<PeerOutcome> ConnectAsync(TlsPeer peer)
    {
        try
        {
            PeerOutcome outcome = await peer.ConnectAsync(server, Limit);
            Interlocked.Increment(ref _outcomes[(int)outcome]);
            return outcome;
        }
        catch (Exception e) when (e is TimeoutException or InvalidDataException)
        {
            throw new SoakException(e.Message);
        }
    }
}
