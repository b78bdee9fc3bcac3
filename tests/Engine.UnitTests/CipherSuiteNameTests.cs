using System.Net.Security;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.UnitTests;

public class CipherSuiteNameTests
{
    [Theory]
    [InlineData(TlsCipherSuite.TLS_AES_256_GCM_SHA384, "AES-GCM", 256, "SHA384")]
    [InlineData(TlsCipherSuite.TLS_AES_128_GCM_SHA256, "AES-GCM", 128, "SHA256")]
    [InlineData(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, "CHACHA20-POLY1305", 256, "SHA256")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "AES-GCM", 256, "SHA384")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, "AES-CCM-8", 128, "SHA256")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "AES-CBC", 128, "SHA256")]
    public void Takes_the_name_of_a_suite_apart(TlsCipherSuite suite, string algorithm, int strength, string hash) =>
        Assert.Equal((algorithm, strength, hash), CipherSuiteName.Parse(suite));

    [Fact]
    public void Takes_every_name_apart_without_throwing()
    {
        foreach (TlsCipherSuite suite in Enum.GetValues<TlsCipherSuite>()) Assert.NotEmpty(CipherSuiteName.Parse(suite).Algorithm);
    }
}
