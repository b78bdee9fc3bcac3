using RawEcho.CommandLine;
using RawEcho.Engine;

namespace RawEcho.Client.Load;

/// <summary>What one connection of a load does from the end of its handshake to its own end. Can be looked at from any thread.</summary>
internal interface ILoadClient
{
    /// <summary>The connection once its handshake is complete; null before.</summary>
    Connection? Connection { get; }

    /// <summary>What the handshake came to; null without TLS, or when nobody asked.</summary>
    TlsDetails? Tls { get; }

    /// <summary>Completes when the handshake is complete.</summary>
    Task Ready { get; }

    /// <summary>Messages or requests whose answer has not come whole, count.</summary>
    int InFlight { get; }

    /// <summary>True when all is done that was to be done.</summary>
    bool IsDone { get; }

    /// <summary>What was wrong with an answer; null when nothing was.</summary>
    string? Mismatch { get; }

    /// <summary>How many that are measured were begun.</summary>
    long BegunMeasured { get; }

    /// <summary>The connection's part of an open loop; null without a rate, and before the start.</summary>
    IPacedSender? Open { get; }

    /// <summary>The connection ended where that is no loss, and there is more to do on another one.</summary>
    bool WantsAnother { get; }

    /// <summary>Completes when it is time to open the connection.</summary>
    Task TurnToConnectAsync();

    /// <summary>Does the work; the end of the task is the end of the connection.</summary>
    Task RunAsync(Connection connection);

    /// <summary>Evaluates how the connection ended.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="tls">How much of TLS it used.</param>
    /// <returns>Null when all was done, or will be on another connection.</returns>
    ClientFailure? Explain(ConnectionEnd end, TlsLevel tls);

    /// <summary>The client of the next connection in this one's place.</summary>
    /// <param name="last">The last part of an open loop that there was in this place; null for none.</param>
    ILoadClient Renew(IPacedSender? last);
}
