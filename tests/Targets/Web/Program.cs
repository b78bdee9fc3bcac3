using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

// A web service as anybody writes one: it knows nothing of RawEcho. HTTPS with a certificate of its own.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate())));
WebApplication app = builder.Build();
app.MapGet("/", () => new string('x', 10_000));
app.MapGet("/broken", () => Results.StatusCode(503));
app.MapGet("/lookup", async () => (await Dns.GetHostAddressesAsync("localhost")).Length);
using var metrics = new AcmeMetrics();
await app.StartAsync();
Console.WriteLine($"ready {app.Urls.First()}");
await app.WaitForShutdownAsync();

static X509Certificate2 Certificate()
{
    using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
    using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
}
