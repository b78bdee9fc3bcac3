using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;

namespace RawEcho.Server;

/// <summary>How much is said about connections.</summary>
internal enum Detail
{
    /// <summary>Nothing.</summary>
    Quiet,

    /// <summary>The full description for the first connection of each certificate, a line for others, and each failure.</summary>
    Normal,

    /// <summary>The full description for every connection, and each ending.</summary>
    Verbose,
}

/// <summary>
/// Says who is connected and who was refused. Stands between TLS and echo, because only there a connection can be described.
/// </summary>
internal sealed class ConnectionAnnouncer(IConnectionHandler next, ConsoleLog log, Detail detail, bool usesTls)
    : IConnectionHandler, IConnectionObserver
{
    // Whoever shows more certificates than this gets a line each: the memory of this set is bounded.
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan JustNow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _described = [];

    // Without TLS nothing else says which connections count as clients.
    private readonly HashSet<long> _announced = [];
    private readonly SilentConnections _silent = new(log, TimeProvider.System);
    private int _clients;

    public Task HandleAsync(Connection connection)
    {
        OnConnected(connection);
        return next.HandleAsync(connection);
    }

    /// <summary>
    /// For connections without TLS, which count as clients from their first byte on: whoever sends none is a health check.
    /// </summary>
    public void OnConnected(Connection connection)
    {
        // One at a time, so that the count rises line by line and the first connection is the one that is described.
        lock (_lock)
        {
            if (!usesTls) _announced.Add(connection.Id);
            Announce(connection, ++_clients);
        }
    }

    /// <summary>Says what is still to be said when the server has stopped.</summary>
    public void ReportRest()
    {
        lock (_lock) _silent.Report();
    }

    public void OnClosed(ConnectionLifetime connection)
    {
        // Line by line, as at the beginning.
        lock (_lock) AnnounceEnd(connection, IsClient(connection) ? --_clients : _clients);
    }

    private bool IsClient(ConnectionLifetime connection) => usesTls ? connection.Established : _announced.Remove(connection.Id);

    private void AnnounceEnd(ConnectionLifetime connection, int clients)
    {
        if (detail == Detail.Quiet) return;
        ConnectionEnd end = connection.End;
        switch (end.Reason)
        {
            case CloseReason.EndedBeforeFirstByte when detail == Detail.Normal:
                _silent.Add(connection.RemoteEndPoint);
                break;
            case CloseReason.PeerCertificateRefused or CloseReason.HandshakeFailed or CloseReason.HandshakeTimeout
                or CloseReason.HandshakeQueueFull or CloseReason.HandshakeTooLarge
                or CloseReason.ProxyHeaderInvalid or CloseReason.ProxyHeaderTimeout or CloseReason.ProxyIdentityMissing
                or CloseReason.RefusedAddress:
                log.Event($"Refused {connection.RemoteEndPoint}: {Describe(end)}", Facts("refused", connection));
                break;
            case CloseReason.PeerTruncated or CloseReason.PeerReset when usesTls && LeftAfterHandshake(connection):
                log.Event(
                    $"Lost {connection.RemoteEndPoint}: {end.Reason}. It left right after the handshake and sent nothing: "
                    + "it may not trust this server's certificate.",
                    Facts("lost", connection));
                break;
            case CloseReason.EndedBeforeFirstByte or CloseReason.PeerClosed or CloseReason.PeerTruncated
                or CloseReason.LocalClosed or CloseReason.Drained or CloseReason.LifetimeEnded:
                if (detail == Detail.Verbose)
                {
                    string closed = $"Closed {connection.RemoteEndPoint}: {Describe(end)} {clients} clients connected to server";
                    log.Event(closed, Facts("closed", connection));
                }

                break;
            default:
                log.Event($"Lost {connection.RemoteEndPoint}: {Describe(end)}", Facts("lost", connection));
                break;
        }
    }

    public void OnRefused(EndPoint? remote, CloseReason reason)
    {
        if (detail == Detail.Quiet) return;
        string why = reason switch
        {
            CloseReason.RefusedAddress => "as many are open from its address as --max-connections-per-address allows.",
            CloseReason.RefusedDescriptors =>
                "this process is nearly out of file descriptors (ulimit -n). Connections that are open go on.",
            _ => "no room: as many are open as --max-connections and file descriptors (ulimit -n) allow.",
        };
        log.Event($"Refused {remote}: {why}", new LogFacts("refused", ("remote", remote), ("reason", reason)));
    }

    public void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter)
    {
        string why = cause == SocketError.TooManyOpenSockets ? "out of file descriptors (ulimit -n)" : cause.ToString();
        // The pauses get longer up to a second; a line for each of the first ones says nothing new.
        if (retryAfter.TotalMilliseconds <= 10 || retryAfter == LongPause)
        {
            log.Event(
                $"Cannot accept on {listener}: {why}. Connections that are open go on; trying again.",
                new LogFacts("accept-failed", ("address", listener), ("cause", cause)));
        }
    }

    public void OnHandlerFault(ConnectionLifetime connection, Exception fault) =>
        log.Event($"A defect of the server at {connection.RemoteEndPoint}: {fault.GetType().Name}: {fault.Message}", Defect(fault));

    public void OnEngineFault(Exception fault) =>
        log.Event($"A defect of the server: {fault.GetType().Name}: {fault.Message} It goes on.", Defect(fault));

    public void OnObserverFault(Exception fault) =>
        log.Event($"A defect of the server's log: {fault.GetType().Name}: {fault.Message}", Defect(fault));

    private static bool LeftAfterHandshake(ConnectionLifetime connection) =>
        connection.Established && connection.Io.ReadOperations == 0
        && Environment.TickCount64 - connection.Io.LastProgress < (long)JustNow.TotalMilliseconds;

    private static LogFacts Defect(Exception fault) => new("defect", ("type", fault.GetType().Name));

    private static LogFacts Facts(string happened, ConnectionLifetime connection) => new(
        happened,
        ("remote", connection.RemoteEndPoint),
        ("reason", connection.End.Reason),
        ("detail", ProblemText.Of(connection.End)),
        ("bytesReceived", connection.Io.BytesReceived),
        ("bytesSent", connection.Io.BytesSent));

    private static string Describe(ConnectionEnd end) => ProblemText.Of(end) is { } detail ? $"{end.Reason}. {detail}" : $"{end.Reason}.";

    private void Announce(Connection connection, int count)
    {
        if (detail == Detail.Quiet) return;
        TlsDetails? tls = connection.Tls;
        // Behind a proxy that ends TLS all show its certificate.
        string who = $"{tls?.Remote?.Thumbprint} {connection.ProxyClientName}";
        bool isNew = _described.Count < MaxRemembered && _described.Add(who);
        bool whole = tls is not null && (isNew || detail == Detail.Verbose);
        string clients = string.Create(CultureInfo.InvariantCulture, $"{count} clients connected to server");
        string remote = $"{connection.RemoteEndPoint}";
        string proxy = connection.ProxyEndPoint is { } by ? $" by {by}" : string.Empty;
        string accepted = $"Client connection {remote}{proxy} accepted. {clients}";
        var facts = new LogFacts(
            "accepted",
            ("remote", remote),
            ("proxy", connection.ProxyEndPoint),
            ("clients", count),
            ("clientName", connection.ProxyClientName),
            ("protocol", tls?.Protocol),
            ("cipherSuite", tls?.CipherSuite),
            ("subject", tls?.Remote?.Subject),
            ("issuer", tls?.Remote?.Issuer),
            ("thumbprint", tls?.Remote?.Thumbprint));
        string subject = tls?.Remote?.Subject ?? "no client certificate";
        if (connection.ProxyClientName is { } name) subject = $"CN={name} by the word of {subject}";
        IEnumerable<string> said = ProxyDescription.Lines(connection);
        if (whole) log.Lines([.. ConnectionDescription.Lines(tls!), .. said, accepted], accepted, facts);
        else if (tls is null) log.Line($"Client connection {remote}{proxy} accepted without TLS. {clients}", facts);
        else log.Line($"Client connection {remote}{proxy} accepted ({tls.Protocol}, {subject}). {clients}", facts);
    }
}
