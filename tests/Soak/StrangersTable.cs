using System.Globalization;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>Measures what a stranger can make the server hold, and prints the table of docs/limits.md.</summary>
/// <param name="count">Peers of each kind.</param>
/// <param name="kind">The one kind to measure, by its name; null for all.</param>
internal sealed class StrangersTable(int count, string? kind)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public async Task<int> RunAsync()
    {
        using var certificates = new SoakCertificates();
        Console.Out.WriteLine("| one peer | bytes that the server holds |");
        Console.Out.WriteLine("| --- | --- |");
        foreach (StrangerLoad load in StrangerLoad.All(certificates.Issue).Where(l => kind is null || l.Name == kind))
        {
            // A server of its own for each kind: what one has left behind is not to be given back while the next is measured.
            using var server = new Child(
                "rawecho-server", ["--listen", "127.0.0.1:0", .. certificates.Server, "--quiet", .. StrangerLoad.Patience]);
            IPEndPoint endPoint = await server.ListensAsync(Limit);
            double bytes = await new MemoryMeter(endPoint, server.Id).MeasureAsync(load, count, enough: 0);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {load.Name} | {Math.Max(bytes, 0):N0} |"));
            server.Terminate();
            await server.ExitAsync(Limit);
        }

        return ExitCode.Success;
    }
}
