using System.Security.Cryptography;
using RawEcho.Client.Wire;

namespace RawEcho.Client.UnitTests;

/// <summary>What is read off the wire in the clear: whatever a peer sends, it never makes the reader fail.</summary>
public class PlainHandshakeTests
{
    private static readonly byte[] Session = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    // Record, message, version, random, session.
    private static readonly byte[] ClientHello = [22, 3, 1, 0, 71, 1, 0, 0, 67, 3, 3, .. new byte[32], 32, .. Session];

    [Fact]
    public void A_session_that_TLS_1_2_echoes_is_resumed()
    {
        Assert.True(new PlainHandshake(ServerHello(0x0303, Session), ClientHello).IsResumed);
        Assert.False(new PlainHandshake(ServerHello(0x0303, [.. Session.Reverse()]), ClientHello).IsResumed);
        Assert.False(new PlainHandshake(ServerHello(0x0303, []), ClientHello).IsResumed);
    }

    [Fact]
    public void Under_TLS_1_3_a_pre_shared_key_is_a_resumed_session_and_an_echoed_one_is_not()
    {
        byte[] version = [0, 43, 0, 2, 3, 4], preSharedKey = [0, 41, 0, 2, 0, 0];
        PlainHandshake full = new(ServerHello(0x0303, Session, version), ClientHello);
        PlainHandshake resumed = new(ServerHello(0x0303, Session, [.. version, .. preSharedKey]), ClientHello);
        Assert.Equal((0x0304, false), ((int)full.Version!, full.IsResumed));
        Assert.Equal((0x0304, true), ((int)resumed.Version!, resumed.IsResumed));
    }

    [Fact]
    public void A_message_may_be_spread_over_records()
    {
        byte[] whole = ServerHello(0x0303, []);
        byte[] spread = [22, 3, 3, 0, 9, .. whole.AsSpan(5, 9), 22, 3, 3, 0, (byte)(whole.Length - 14), .. whole.AsSpan(14)];
        Assert.Equal((ushort)0x1301, new PlainHandshake(spread, ClientHello).CipherSuite);
    }

    [Fact]
    public void A_record_that_was_cut_short_gives_the_messages_before_the_cut()
    {
        byte[] hello = Message(2, [3, 3, .. new byte[32], 32, .. Session, 0x13, 0x01, 0]);
        byte[] record = Record([.. hello, .. Message(11, [0, 0, 5, 0, 0, 2, 0xAA, 0xBB])]);
        PlainHandshake plain = new(record.AsSpan(0, record.Length - 1), ClientHello);
        Assert.True(plain.IsResumed);
        Assert.Empty(plain.Certificates);
    }

    [Fact]
    public void A_server_that_asks_for_another_hello_has_resumed_nothing_yet()
    {
        byte[] random = SHA256.HashData("HelloRetryRequest"u8);
        byte[] extensions = [0, 43, 0, 2, 3, 4, 0, 41, 0, 2, 0, 0];
        byte[] retry = Record(Message(2, [3, 3, .. random, 32, .. Session, 0x13, 0x01, 0, 0, (byte)extensions.Length, .. extensions]));
        byte[] changeCipherSpec = [20, 3, 3, 0, 1, 1];
        Assert.Null(new PlainHandshake(retry, ClientHello).Version);
        Assert.False(new PlainHandshake([.. retry, .. changeCipherSpec], ClientHello).IsResumed);
        byte[] hello = ServerHello(0x0303, Session, extensions);
        Assert.True(new PlainHandshake([.. retry, .. changeCipherSpec, .. hello], ClientHello).IsResumed);
    }

    [Fact]
    public void Certificates_and_authorities_of_TLS_1_2_are_read()
    {
        // CN=A as a distinguished name.
        byte[] name = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x13, 1, (byte)'A'];
        byte[] certificates = Message(11, [0, 0, 5, 0, 0, 2, 0xAA, 0xBB]);
        byte[] request = Message(13, [1, 64, 0, 2, 4, 3, 0, (byte)(name.Length + 2), 0, (byte)name.Length, .. name]);
        PlainHandshake plain = new([.. ServerHello(0x0303, []), .. Record([.. certificates, .. request])], ClientHello);
        Assert.Equal([0xAA, 0xBB], Assert.Single(plain.Certificates));
        Assert.Equal("CN=A", Assert.Single(plain.Authorities!));
    }

    [Fact]
    public void Nothing_that_a_peer_sends_makes_it_throw()
    {
        var random = new Random(2026);
        byte[] good =
        [
            .. ServerHello(0x0303, Session, [0, 43, 0, 2, 3, 4]),
            .. Record(Message(11, [0, 0, 5, 0, 0, 2, 1, 2])),
            .. Record(Message(13, [1, 64, 0, 2, 4, 3, 0, 0])),
        ];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = i % 2 == 0 ? [.. good] : RandomNumberGenerator.GetBytes(random.Next(0, 200));
            for (int flips = random.Next(0, 6); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            bytes = bytes[..random.Next(bytes.Length + 1)];
            _ = new PlainHandshake(bytes, bytes);
        }
    }

    private static byte[] ServerHello(ushort version, byte[] session, byte[]? extensions = null)
    {
        byte[] tail = extensions is null ? [] : [0, (byte)extensions.Length, .. extensions];
        byte[] head = [(byte)(version >> 8), (byte)version, .. new byte[32], (byte)session.Length, .. session, 0x13, 0x01, 0];
        return Record(Message(2, [.. head, .. tail]));
    }

    private static byte[] Message(byte type, byte[] body) => [type, 0, 0, (byte)body.Length, .. body];

    private static byte[] Record(byte[] content) => [22, 3, 3, 0, (byte)content.Length, .. content];
}
