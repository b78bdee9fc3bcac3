using System.Net;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>openssl s_server on a free port: a server that has nothing of .NET in it. It sends back each line reversed.</summary>
internal sealed class OpenSslServer : IAsyncDisposable
{
    private const string Accepting = "ACCEPT ";

    private readonly ProgramProcess _process;

    private OpenSslServer(ProgramProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Starts one that shows a certificate.</summary>
    public static async Task<OpenSslServer> StartAsync(PemFiles show, params string[] more)
    {
        await Requires.OpenSslAsync();
        var process = new ProgramProcess(
            Programs.OpenSsl!,
            ["s_server", "-accept", "127.0.0.1:0", "-rev", "-verify_return_error", "-cert", show.Certificate, "-key", show.Key, .. more]);
        try
        {
            string line = await process.WaitForLineAsync(Accepting);
            return new OpenSslServer(process, IPEndPoint.Parse(line[Accepting.Length..]).Port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
