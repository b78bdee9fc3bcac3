using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A collector of metrics by OTLP over HTTP that takes everything.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly StringBuilder _received = new();
    private readonly TestServer _server;

    public OtlpCollector() => _server = new TestServer(TakeAsync);

    public string Address => _server.Address;

    /// <summary>All requests so far, heads and bodies.</summary>
    public string Received
    {
        get
        {
            lock (_received) return _received.ToString();
        }
    }

    /// <summary>Waits for a name in the metrics.</summary>
    public async Task WaitForAsync(string name, CancellationToken stop)
    {
        while (!Received.Contains(name, StringComparison.Ordinal)) await Task.Delay(20, stop);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Requests with a length, each answered when it is whole.
    private async Task TakeAsync(Socket socket)
    {
        const string name = "Content-Length:", end = "\r\n\r\n";
        byte[] buffer = new byte[1 << 16];
        string request = string.Empty;
        while (await socket.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            request += Encoding.Latin1.GetString(buffer, 0, bytes);
            int head = request.IndexOf(end, StringComparison.Ordinal);
            if (head < 0) continue;
            string length = request[..head].Split("\r\n").Single(l => l.StartsWith(name, StringComparison.OrdinalIgnoreCase));
            if (request.Length < head + end.Length + int.Parse(length[name.Length..], CultureInfo.InvariantCulture)) continue;
            lock (_received) _received.Append(request);
            request = string.Empty;
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        }
    }
}
