using System.Net.Security;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.UnitTests;

/// <summary>Names of application protocols are found in a ClientHello however its bytes come.</summary>
public class ProtocolSearchTests
{
    private static readonly SslApplicationProtocol[] Names = [new("rawecho-upload"), new("rawecho-download")];

    [Theory]
    [InlineData("....\u0010rawecho-download....", true)]
    [InlineData("\u000erawecho-upload", true)]
    [InlineData("rawecho-upload", false)]
    [InlineData("....\u000frawecho-uploads....", false)]
    [InlineData("rawecho-upload\u000erawecho-upload", true)]
    [InlineData("..\u0002h2\u0008http/1.1....................................", false)]
    public void A_name_is_found_with_its_length_in_front(string hello, bool isNamed)
    {
        byte[] bytes = [.. hello.Select(c => (byte)c)];
        for (int size = 1; size <= bytes.Length; size++)
        {
            var search = new ProtocolSearch(Names);
            foreach (byte[] part in bytes.Chunk(size)) search.Look(part);
            Assert.True(search.Found == isNamed, $"in pieces of {size}");
        }
    }
}
