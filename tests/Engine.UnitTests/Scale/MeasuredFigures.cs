using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>
/// What the calculation starts from: figures that stand in docs/performance.md, and few others, each with where it is from.
/// </summary>
internal sealed partial record MeasuredFigures
{
    /// <summary>What stands in docs/performance.md now: the column of the native executable.</summary>
    public static MeasuredFigures Now { get; } = OfDocument(Read("docs/performance.md"));

    /// <summary>Private memory of the server for a connection that echoes now and then, KB.</summary>
    public required double ServerKilobytes { get; init; }

    /// <summary>CPU time of the server for an echo of such a connection.</summary>
    public required TimeSpan Echo { get; init; }

    /// <summary>CPU time of the server for a full handshake.</summary>
    public required TimeSpan FullHandshake { get; init; }

    /// <summary>CPU time of the server for a resumed handshake.</summary>
    public required TimeSpan ResumedHandshake { get; init; }

    /// <summary>How often each connection echoes in that measurement.</summary>
    public static TimeSpan EchoEvery => TimeSpan.FromSeconds(10);

    /// <summary>
    /// Memory of the kernel for a TCP socket, KB: growth of Slab in /proc/meminfo with 16,000 idle ones over loopback, 3.7 to 3.9 in three
    /// attempts (Linux 6.18).
    /// </summary>
    public static double SocketKilobytes => 3.8;

    /// <summary>Private memory of HAProxy for an idle connection in mode tcp, KB: growth from 1,000 to 5,000 (2.6.12).</summary>
    public static double HaproxyTcpKilobytes => 3.6;

    /// <summary>The same where it ends TLS and makes it again, KB.</summary>
    public static double HaproxyTlsKilobytes => 58.6;

    /// <summary>CPU time of the server for a connection that it accepts and turns away at the gate: a rough figure.</summary>
    public static TimeSpan Refusal => TimeSpan.FromMicroseconds(40);

    /// <summary>Ports that Linux gives out for one source address to one destination (net.ipv4.ip_local_port_range).</summary>
    public static int Ports => 28_232;

    /// <summary>A file of the repository.</summary>
    public static string Read(string file) => File.ReadAllText(Find(file));

    /// <summary>Where a file of the repository lies.</summary>
    public static string Find(string file)
    {
        IEnumerable<AssemblyMetadataAttribute> facts = typeof(MeasuredFigures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>();
        return Path.Combine(facts.Single(a => a.Key == "RepositoryRoot").Value!, file);
    }

    private static MeasuredFigures OfDocument(string text) => new()
    {
        ServerKilobytes = Cell(text, "private memory of a connection, KB", 1),
        Echo = TimeSpan.FromMicroseconds(Cell(text, "CPU us per echo", 1)),
        FullHandshake = TimeSpan.FromMicroseconds(Cell(text, "full mutual handshake, ECDSA P-256", 2)),
        ResumedHandshake = TimeSpan.FromMicroseconds(Cell(text, "resumed handshake", 2)),
    };

    // The first row of that name which has one number in the column, "1,130" or "**1,130 (1.31)**".
    private static double Cell(string text, string row, int column)
    {
        foreach (string line in text.Split('\n').Where(l => l.StartsWith($"| {row} |", StringComparison.Ordinal)))
        {
            string[] cells = [.. line.Split('|')[2..].Select(c => c.Trim())];
            if (cells.Length > column && Number().Match(cells[column]) is { Success: true } match)
                return double.Parse(match.Groups[1].Value, NumberStyles.Number, CultureInfo.InvariantCulture);
        }

        throw new InvalidDataException($"docs/performance.md has no row '{row}' with a number in column {column}.");
    }

    [GeneratedRegex(@"^\**([\d,]+(?:\.\d+)?)(?: \([\d.]+\))?\**$")]
    private static partial Regex Number();
}
