using System.Net.Sockets;
using Microsoft.Diagnostics.NETCore.Client;

namespace RawEcho.Diagnostics.Attach;

/// <summary>
/// Asks a runtime again that closes the connection without an answer, as one that starts or ends may do: a moment later it answers, or its
/// process has ended.
/// </summary>
internal static class PatientQuery
{
    private const int Attempts = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <param name="pid">The process.</param>
    /// <param name="ask">The question, from the connecting on.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="IOException">The runtime broke off each time.</exception>
    /// <exception cref="SocketException">It took no connection.</exception>
    /// <exception cref="ServerNotAvailableException">It took no connection.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<T> AskAsync<T>(int pid, Func<Task<T>> ask, CancellationToken cancellation)
    {
        for (int left = Attempts - 1; ; left--)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (left > 0 && IsBrokenOff(e) && ProcessProbe.Exists(pid))
            {
                await Task.Delay(Pause, cancellation);
            }
        }
    }

    private static bool IsBrokenOff(Exception e) => e is IOException or ServerNotAvailableException
        or SocketException { SocketErrorCode: not SocketError.AccessDenied };
}
