using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;
using static RawEcho.Testing.CertificateForge;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>Lists of CAs that have revoked hundreds of thousands of certificates.</summary>
public sealed class LargeListTests : IDisposable
{
    private const int SerialLength = 16;

    private static readonly Party Root = new("CN=Root"), Someone = new("CN=peer");
    private static readonly X509Certificate2 RootCa = Authority().Sign(Root, Root);

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_hundred_thousand_entries_are_read_and_found(bool pem)
    {
        const int count = 200_000;
        string file = Write(count, pem);
        var clock = Stopwatch.StartNew();
        RevocationLists lists = RevocationLists.Load([file], [RootCa]);
        // It takes a fifth of a second; a busy machine may need a multiple.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(count, lists.Entries);
        foreach (int number in (int[])[0, 1, 77, count / 2, count - 1, -1, count, int.MaxValue])
        {
            using X509Certificate2 peer = (Peer() with { Serial = Serial(number) }).Sign(Someone, Root);
            bool isRevoked = number is >= 0 and < count;
            Assert.Equal(isRevoked ? CertificateFault.Revoked : CertificateFault.None, Evaluate(lists, peer));
        }
    }

    [Fact]
    public void An_entry_takes_fewer_than_a_hundred_bytes_of_memory()
    {
        const int count = 300_000;
        string file = Write(count, pem: true);
        double least = double.MaxValue;
        // Other tests run meanwhile; one look without much of them is enough.
        for (int i = 0; i < 10 && least > 100; i++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            RevocationLists lists = RevocationLists.Load([file], [RootCa]);
            long after = GC.GetTotalMemory(forceFullCollection: true);
            least = Math.Min(least, (after - before) / (double)count);
            GC.KeepAlive(lists);
        }

        Assert.InRange(least, 1, 100);
        // And while it is read: the file, the list in DER, and what is kept.
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        RevocationLists.Load([file], [RootCa]);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.InRange(allocated - new FileInfo(file).Length, 0, count * 200L);
    }

    public void Dispose() => _folder.Dispose();

    private static CertificateFault Evaluate(RevocationLists lists, X509Certificate2 peer) =>
        lists.Evaluate(PeerVerifier.Verify(peer, [], [RootCa], PeerRole.Client).Peer!, DateTimeOffset.UtcNow).Fault;

    // In no order, as a CA draws them.
    private static byte[] Serial(int number)
    {
        const ulong step = 0x9E3779B97F4A7C15;
        byte[] serial = new byte[SerialLength];
        BinaryPrimitives.WriteUInt64BigEndian(serial, (ulong)number * step);
        BinaryPrimitives.WriteInt32BigEndian(serial.AsSpan(12), number);
        serial[0] = 0x55;
        return serial;
    }

    private static byte[] Entries(int count)
    {
        byte[] time = "260101000000Z"u8.ToArray(), reason = Convert.FromHexString("300C300A0603551D1504030A0101");
        byte[] entry = [0x30, 47, 2, SerialLength, .. new byte[SerialLength], 0x17, 13, .. time, .. reason];
        byte[] entries = new byte[count * entry.Length];
        for (int i = 0; i < count; i++)
        {
            Serial(i).CopyTo(entry, 4);
            entry.CopyTo(entries, i * entry.Length);
        }

        return entries;
    }

    private string Write(int count, bool pem)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var tbs = new AsnWriter(AsnEncodingRules.DER, count * 64);
        using (tbs.PushSequence())
        {
            tbs.WriteInteger(1);
            WriteAlgorithm(tbs, Root.Key, HashAlgorithmName.SHA256, pss: false);
            tbs.WriteEncodedValue(Root.Name.RawData);
            tbs.WriteUtcTime(now.AddHours(-1));
            tbs.WriteUtcTime(now.AddDays(1));
            byte[] entries = Entries(count);
            byte[] header = [0x30, 0x84, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(2), entries.Length);
            // DER has no byte of length too many.
            tbs.WriteEncodedValue(header[2] == 0 ? [0x30, 0x83, .. header[3..], .. entries] : [.. header, .. entries]);
        }

        byte[] signed = tbs.Encode();
        var list = new AsnWriter(AsnEncodingRules.DER, signed.Length + 512);
        using (list.PushSequence())
        {
            list.WriteEncodedValue(signed);
            WriteAlgorithm(list, Root.Key, HashAlgorithmName.SHA256, pss: false);
            list.WriteBitString(SignData(Root.Key, signed, HashAlgorithmName.SHA256, pss: false));
        }

        byte[] der = list.Encode();
        return pem ? _folder.Write("list.pem", PemEncoding.WriteString("X509 CRL", der)) : _folder.Write("list.der", der);
    }
}
