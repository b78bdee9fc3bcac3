// A key-value store over mutual TLS. A message is prefixed with its length, 4 bytes in network order.
// Requests: "P", the length of the key (1 byte), the key and the value; "G" and the key; "D" and the key.
// Responses: "+" and the value, or "-" and an error message. Each change is in the write-ahead file before it is acknowledged;
// a restarted store reads that file.
//   dotnet run --project Engine/samples/KeyValue -- 127.0.0.1:7501 certs/dev store.log
using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using RawEcho.Engine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Framing;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;

if (args is not [string address, string certs, string file])
{
    Console.Error.WriteLine("Usage: keyvalue ADDRESS:PORT CERTIFICATES FILE");
    return 2;
}

using var store = new Store(file);
using var identity = TlsIdentity.FromPem(Path.Combine(certs, "server.pem"), Path.Combine(certs, "server-key.pem"));
var tls = new TlsServerOptions { Identity = identity, TrustedRoots = TrustStore.Read(Path.Combine(certs, "ca.pem")) };
await using var host = new ConnectionHost(new EngineOptions());
IPEndPoint listening = host.Listen(IPEndPoint.Parse(address), new TlsServerHandler(new StoreHandler(store), tls));
Console.WriteLine($"Listening on {listening}, {store.Count} keys");

var stop = new TaskCompletionSource();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s =>
{
    s.Cancel = true;
    stop.TrySetResult();
});
await stop.Task;
await host.StopAsync(TimeSpan.FromSeconds(5));
return 0;

/// <summary>Answers requests.</summary>
internal sealed class StoreHandler(Store store) : MessageHandler(new LengthPrefixedFraming(4), maxMessageBytes: 64 * 1024)
{
    protected override async Task ServeAsync(MessageConnection messages)
    {
        while (await messages.ReadAsync() is { } message)
        {
            byte[] request = new byte[message.Length];
            await message.ReadExactlyAsync(request);
            if (request is not [_, ..]) throw MessageException.Bad("An empty request.");
            // Writing to a disk blocks: not on an event loop.
            byte[] answer = request[0] == 'G' ? store.Answer(request) : await Task.Run(() => store.Answer(request));
            await messages.WriteAsync(answer);
        }
    }
}

/// <summary>Keys and values in memory, and every change in a file.</summary>
internal sealed class Store : IDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _values = new();
    private readonly FileStream _log;

    public Store(string file)
    {
        _log = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new BinaryReader(_log, Encoding.Latin1, leaveOpen: true);
        long whole = 0;
        while (_log.Length - _log.Position >= sizeof(int) && reader.ReadInt32() is var length && length <= _log.Length - _log.Position)
        {
            Apply(reader.ReadBytes(length));
            whole = _log.Position;
        }

        // What was cut off was never answered.
        _log.SetLength(whole);
    }

    public int Count => _values.Count;

    public byte[] Answer(byte[] request)
    {
        if (request[0] == 'G')
            return _values.TryGetValue(Key(request.AsSpan(1)), out byte[]? value) ? [(byte)'+', .. value] : "-No such key."u8.ToArray();
        if (request[0] is not ((byte)'P' or (byte)'D') || (request[0] == 'P' && (request.Length < 2 || request.Length < 2 + request[1])))
            return "-No such request."u8.ToArray();
        lock (_log)
        {
            _log.Write([.. BitConverter.GetBytes(request.Length), .. request]);
            _log.Flush(flushToDisk: true);
            Apply(request);
        }

        return "+"u8.ToArray();
    }

    public void Dispose() => _log.Dispose();

    private void Apply(byte[] change)
    {
        if (change[0] == 'P') _values[Key(change.AsSpan(2, change[1]))] = change[(2 + change[1])..];
        else _values.TryRemove(Key(change.AsSpan(1)), out _);
    }

    private static string Key(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
