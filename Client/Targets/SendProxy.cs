using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;

namespace RawEcho.Client.Targets;

/// <summary>Which header of the PROXY protocol each connection begins with.</summary>
internal enum SendProxy
{
    /// <summary>None.</summary>
    Off,

    /// <summary>Version 1, with the addresses of the connection itself.</summary>
    Version1,

    /// <summary>Version 2, likewise.</summary>
    Version2,

    /// <summary>Version 2, LOCAL: as a balancer's health check.</summary>
    Local,
}

/// <summary>The option --send-proxy, and what it does.</summary>
internal static class SendProxyOption
{
    private static readonly Dictionary<string, SendProxy> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["off"] = SendProxy.Off,
        ["v1"] = SendProxy.Version1,
        ["v2"] = SendProxy.Version2,
        ["local"] = SendProxy.Local,
    };

    public static Option<Written<SendProxy>> Create() => Parsers.Value<SendProxy>(
        "--send-proxy", "off|v1|v2|local",
        "Begin each connection with a header of the PROXY protocol, as a balancer does: its version, or LOCAL for a health check",
        "off", Words.TryGetValue, "off, v1, v2 or local");

    /// <summary>The word for results; null for none.</summary>
    public static string? NameOf(SendProxy send) => send == SendProxy.Off ? null : Words.First(w => w.Value == send).Key;

    /// <summary>The header goes first, before whatever comes before TLS.</summary>
    public static ConnectOptions With(this ConnectOptions options, SendProxy send)
    {
        if (send == SendProxy.Off) return options;
        Func<Connection, Task<bool>>? next = options.BeforeTls;
        return options with { BeforeTls = SendAsync };

        async Task<bool> SendAsync(Connection connection)
        {
            await connection.SendProxyHeaderAsync(HeaderOf(send, connection));
            return next is null || await next(connection);
        }
    }

    private static ProxyHeader HeaderOf(SendProxy send, Connection connection) => new()
    {
        Version = send == SendProxy.Version1 ? 1 : 2,
        IsLocal = send == SendProxy.Local,
        Source = connection.LocalEndPoint,
        Destination = connection.RemoteEndPoint,
    };
}
