using System.Net;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Targets;

/// <summary>Says which addresses of the servers failed or did not answer while another one did: one line each, and each once.</summary>
/// <param name="targets">The servers.</param>
/// <param name="output">Where to say it.</param>
internal sealed class UnreachableNotes(IReadOnlyList<Target> targets, TextWriter output)
{
    private readonly HashSet<IPEndPoint> _told = [];

    /// <summary>Says what was found out since the last time.</summary>
    public void TellNew()
    {
        foreach (UnreachableAddress address in targets.SelectMany(t => t.Addresses.Unreachable).Where(a => _told.Add(a.Address)))
            output.WriteLine($"{address.Why} Connections go to {address.Instead}.");
    }
}
