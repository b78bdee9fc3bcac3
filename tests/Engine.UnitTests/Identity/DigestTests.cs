using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.UnitTests.Identity;

public class DigestTests
{
    [Fact]
    public void A_serial_number_is_the_same_with_and_without_zeros_before_it()
    {
        Assert.Equal(Digest.OfSerial([0x9a, 0x01]), Digest.OfSerial([0, 0, 0x9a, 0x01]));
        byte[] whole = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        Assert.Equal(Digest.OfSerial(whole), Digest.OfSerial([0, .. whole]));
        Assert.NotEqual(Digest.OfSerial([0x9a, 0x01]), Digest.OfSerial([0x9a, 0x01, 0]));
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
