using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>
/// Seals TLS 1.3 records with the keys of a client whose handshake SslStream has done (RFC 8446 sections 5.2 and 7.1), so that
/// a test can send what no TLS library would: records without data, KeyUpdates without end. The keys come from the key log.
/// </summary>
internal sealed partial class ForgedRecords
{
    private const int TagLength = 16;
    private static readonly string KeyLog = Path.Combine(Path.GetTempPath(), $"rawecho-test-{Environment.ProcessId}.keys");

    private readonly Socket _socket;
    private byte[] _secret;
    private ulong _sequence;

    private ForgedRecords(Socket socket, byte[] secret) => (_socket, _secret) = (socket, secret);

    /// <summary>Makes the runtime log the secrets of this process, which are those of tests.</summary>
    public static void KeepSecrets()
    {
        Environment.SetEnvironmentVariable("SSLKEYLOGFILE", KeyLog);
        AppContext.SetSwitch("System.Net.EnableSslKeyLogging", isEnabled: true);
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => File.Delete(KeyLog);
    }

    /// <summary>Goes on in place of a client that has sent nothing since its handshake.</summary>
    public static async Task<ForgedRecords> TakeOverAsync(SslStream stream, Socket socket)
    {
        Assert.Equal(TlsCipherSuite.TLS_AES_256_GCM_SHA384, stream.NegotiatedCipherSuite);
        string? line = null;
        string random = ClientRandom(stream);
        await TimeLimit.Until(() => (line = SecretOf(random)) is not null, "the secret of the client is in the key log");
        return new ForgedRecords(socket, Convert.FromHexString(line!.Split(' ')[2]));
    }

    /// <summary>An application record with <paramref name="data"/>, which may be none, and padding.</summary>
    public byte[] Data(ReadOnlySpan<byte> data, int padding = 0) => Seal(contentType: 23, data, padding);

    /// <summary>A KeyUpdate; what follows is sealed with the next keys.</summary>
    public byte[] KeyUpdate(bool requestsAnother = false)
    {
        byte[] record = Seal(contentType: 22, [24, 0, 0, 1, requestsAnother ? (byte)1 : (byte)0], padding: 0);
        _secret = Expand("traffic upd", _secret.Length);
        _sequence = 0;
        return record;
    }

    public async Task SendAsync(byte[] records)
    {
        for (int sent = 0; sent < records.Length;) sent += await _socket.SendAsync(records.AsMemory(sent)).WithinLimit();
    }

    private byte[] Seal(byte contentType, ReadOnlySpan<byte> content, int padding)
    {
        byte[] inner = [.. content, contentType, .. new byte[padding]];
        byte[] record = new byte[5 + inner.Length + TagLength];
        record[0] = 23;
        record[1] = record[2] = 3;
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)(inner.Length + TagLength));

        byte[] nonce = Expand("iv", 12);
        Span<byte> sequence = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(sequence, _sequence++);
        for (int i = 0; i < sequence.Length; i++) nonce[4 + i] ^= sequence[i];
        using var aes = new AesGcm(Expand("key", 32), TagLength);
        aes.Encrypt(nonce, inner, record.AsSpan(5, inner.Length), record.AsSpan(5 + inner.Length), record.AsSpan(0, 5));
        return record;
    }

    private byte[] Expand(string label, int length)
    {
        byte[] name = Encoding.ASCII.GetBytes($"tls13 {label}");
        byte[] info = [(byte)(length >> 8), (byte)length, (byte)name.Length, .. name, 0];
        return HKDF.Expand(HashAlgorithmName.SHA384, _secret, length, info);
    }

    // Client and server of this process write to one log, each when its own side is done: only the random tells whose secret a line has.
    private static string ClientRandom(SslStream stream)
    {
        byte[] random = new byte[32];
        Assert.Equal((nuint)random.Length, SSL_get_client_random(OpenSslSession.HandleOf(stream)!, random, (nuint)random.Length));
        return Convert.ToHexStringLower(random);
    }

    [LibraryImport("libssl.so.3")]
    private static partial nuint SSL_get_client_random(SafeHandle ssl, [Out] byte[] random, nuint length);

    private static string? SecretOf(string clientRandom)
    {
        using var file = new FileStream(KeyLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd()
            .Split('\n')
            .FirstOrDefault(l => l.StartsWith($"CLIENT_TRAFFIC_SECRET_0 {clientRandom} ", StringComparison.Ordinal) && l.Length > 160);
    }
}
