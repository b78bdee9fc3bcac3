using System.Diagnostics;
using System.Globalization;
using RawEcho.Engine;

namespace RawEcho.Client.StartTls;

/// <summary>The step before the handshake: asks a server to go on under TLS, and keeps what came of it.</summary>
/// <param name="protocol">How to ask.</param>
/// <param name="host">The name of the server.</param>
/// <param name="timeout">How long all of it may take; Timeout.InfiniteTimeSpan for any time.</param>
internal sealed class StartTlsStep(StartTlsProtocol protocol, string host, TimeSpan timeout)
{
    public StartTlsProtocol Protocol => protocol;

    /// <summary>How long it took, to its end or to its failure; null when it did not begin.</summary>
    public TimeSpan? Time { get; private set; }

    /// <summary>Why there is no TLS; null when there is.</summary>
    public StartTlsProblem? Problem { get; private set; }

    /// <summary>Asks.</summary>
    /// <param name="connection">The connection below TLS.</param>
    /// <returns>True when the handshake may begin.</returns>
    public async Task<bool> RunAsync(Connection connection)
    {
        var dialog = new StartTlsDialog(connection);
        long start = Stopwatch.GetTimestamp();
        Problem = null;
        try
        {
            using OperationLimit limit = connection.LimitTime(timeout);
            await protocol.AskAsync(dialog, host);
            dialog.End();
        }
        catch (StartTlsException e)
        {
            Problem = e.Problem;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Problem = Stopwatch.GetElapsedTime(start) >= timeout && timeout != Timeout.InfiniteTimeSpan
                ? new(StartTlsFault.Silent, Silence(dialog))
                : new(StartTlsFault.Closed, "The server reset the connection before TLS.");
        }

        Time = Stopwatch.GetElapsedTime(start);
        return Problem is null;
    }

    private string Silence(StartTlsDialog dialog)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{timeout.TotalSeconds:0.###} s");
        string what = dialog.Said is { } said ? $"It had said {said}." : protocol.SpeaksFirst ? "It did not greet." : "It did not answer.";
        return $"The server did not go on to TLS within {time}. {what}";
    }
}
