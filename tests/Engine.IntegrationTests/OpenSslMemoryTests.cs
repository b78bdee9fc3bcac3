using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.IntegrationTests;

public class OpenSslMemoryTests
{
    public static bool IsKnownPlatform => OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3;

    [Theory(SkipUnless = nameof(IsKnownPlatform), Skip = "Only OpenSSL 3 on Linux is known to this class.")]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task OpenSSL_gives_its_buffers_back_and_the_connection_goes_on(SslProtocols protocol)
    {
        await using var host = new TestHost();
        (SslStream stream, _) = await host.ConnectTlsAsync(protocols: protocol);
        Assert.True(OpenSslMemory.ReleaseWhenEmpty(stream));
        foreach (int size in (int[])[1, 100_000, 16_384, 1]) await TestHost.EchoAsync(stream, size);
    }

    [Fact]
    public async Task A_stream_that_is_no_longer_or_not_yet_open_is_left_alone()
    {
        await using var host = new TestHost();
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.DisposeAsync();
        Assert.False(OpenSslMemory.ReleaseWhenEmpty(stream));
        Assert.False(OpenSslMemory.ReleaseWhenEmpty(new SslStream(new MemoryStream())));
    }
}
