using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.UnitTests.Identity;

public class DigestTests
{
    [Fact]
    public void A_serial_number_is_the_same_with_and_without_zeros_before_it()
    {
        Assert.Equal(Digest.OfSerial([0, 0x9a, 0x01]), Digest.OfSerial([0, 0, 0x9a, 0x01]));
        Assert.Equal(Digest.OfSerial([0x9a, 0x01]), Digest.OfSerial([0xff, 0xff, 0x9a, 0x01]));
        byte[] whole = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        Assert.Equal(Digest.OfSerial(whole), Digest.OfSerial([0, .. whole]));
        Assert.NotEqual(Digest.OfSerial([0x1a, 0x01]), Digest.OfSerial([0x1a, 0x01, 0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void A_negative_serial_number_is_not_the_positive_one_of_the_same_bytes(int length)
    {
        byte[] serial = new byte[length];
        serial.AsSpan().Fill(0xfb);
        Assert.NotEqual(Digest.OfSerial(serial), Digest.OfSerial([0, .. serial]));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(40)]
    public void Serial_numbers_of_any_length_differ_by_every_byte(int length)
    {
        byte[] serial = new byte[length];
        serial[0] = 1;
        var seen = new HashSet<Digest> { Digest.OfSerial(serial) };
        for (int i = 0; i < length; i++)
        {
            serial[i] ^= 0x40;
            Assert.True(seen.Add(Digest.OfSerial(serial)), $"Byte {i} of {length} makes no difference");
            serial[i] ^= 0x40;
        }
    }
}
