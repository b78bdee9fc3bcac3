using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine;

namespace RawEcho.Client.Probe;

/// <summary>
/// Keeps what a handshake was like, however far it came: the first bytes in both directions, the certificates as the server showed them,
/// and what the platform said when it failed.
/// </summary>
internal sealed class HandshakeTrace : IHandshakeTrace
{
    private const int MaxKept = 64 * 1024;

    private readonly List<byte> _received = [];
    private readonly List<byte> _sent = [];
    private Connection? _connection;

    /// <summary>The first bytes that came from the server, at most 64 KB.</summary>
    public byte[] Received => [.. _received];

    /// <summary>The first bytes that went to the server, at most 64 KB.</summary>
    public byte[] Sent => [.. _sent];

    /// <summary>This side has sent something after the server's first bytes: its certificate, if it has one.</summary>
    public bool HasReplied { get; private set; }

    /// <summary>The server's certificates in DER, its own first; empty when they were not shown.</summary>
    public IReadOnlyList<byte[]> Certificates { get; private set; } = [];

    /// <summary>What the platform threw; null when it did not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How long the handshake took, to its end or to its failure; zero when it did not begin.</summary>
    public TimeSpan Time => _connection?.HandshakeTime ?? TimeSpan.Zero;

    public void OnConnected(Connection connection) => _connection = connection;

    public void OnReceived(ReadOnlySpan<byte> bytes) => Keep(_received, bytes);

    public void OnSent(ReadOnlySpan<byte> bytes)
    {
        HasReplied = _received.Count > 0;
        Keep(_sent, bytes);
    }

    public void OnPeerCertificates(X509Certificate2? certificate, X509Certificate2Collection others) =>
        Certificates = certificate is null ? [] : [certificate.RawData, .. others.Select(c => c.RawData)];

    public void OnFailed(Exception cause) => Failure = cause;

    private static void Keep(List<byte> kept, ReadOnlySpan<byte> bytes) =>
        kept.AddRange(bytes[..Math.Min(bytes.Length, MaxKept - kept.Count)]);
}
