using RawEcho.Engine;

namespace RawEcho.Client.Probe;

/// <summary>
/// Waits for a moment after the handshake, and sends nothing: a server that speaks first is quoted, and one that refuses the client's
/// certificate under TLS 1.3 says so here.
/// </summary>
internal static class SilenceCheck
{
    /// <summary>How long a server is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const int MostBytes = 256;

    /// <param name="connection">The connection; it is over afterwards.</param>
    public static async Task<EchoResult> RunAsync(Connection connection)
    {
        byte[] answer = new byte[MostBytes];
        using var deadline = new CancellationTokenSource(Patience);
        // Ends the wait and not the connection: the server is owed a goodbye all the same.
        await using CancellationTokenRegistration late = deadline.Token.UnsafeRegister(c => ((Connection)c!).EndWhenIdle(), connection);
        try
        {
            int read = await connection.ReadAsync(answer);
            return read > 0
                ? new(EchoEnd.Echoed, First: null, Best: null, answer[..read], Alert: null)
                : new(EchoCheck.AtEndOfStream(connection.EndOfStream, connection.Ssl is not null), null, null, [], null);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && deadline.IsCancellationRequested)
        {
            return new(EchoEnd.Silent, null, null, [], null);
        }
        catch (IOException e)
        {
            return new(TlsAlert.In(e) is null ? EchoEnd.CutOff : EchoEnd.Alert, null, null, [], TlsAlert.In(e));
        }
    }
}
