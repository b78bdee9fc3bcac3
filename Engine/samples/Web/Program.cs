// A web application behind mutual TLS, on the engine or on Kestrel's own transport; the application itself is the same in both cases.
//   dotnet run --project Engine/samples/Web -- 127.0.0.1:8443 certs/dev engine
//   curl --cacert certs/dev/ca.pem --cert certs/dev/client.pem --key certs/dev/client-key.pem https://localhost:8443/connection
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Certificate;
using RawEcho.Engine.Certificates;
using RawEcho.Samples.Web;

if (args is not [string endPoint, string certs, "engine" or "stock"] || !IPEndPoint.TryParse(endPoint, out IPEndPoint? address))
{
    Console.Error.WriteLine("Usage: web ADDRESS:PORT CERTIFICATES engine|stock");
    return 2;
}

using TlsIdentity identity = TlsIdentity.FromPem(Path.Combine(certs, "server.pem"), Path.Combine(certs, "server-key.pem"));
X509Certificate2Collection roots = TrustStore.Read(Path.Combine(certs, "ca.pem"));

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver = WebJson.Default);
if (args[2] == "engine") builder.WebHost.UseEngine(address, identity, roots);
else builder.WebHost.UseStock(address, identity, roots);
// TLS lets nobody in without a certificate of the CA; this makes the peer the user of the application.
builder.Services.AddAuthorization();
// AddAuthentication would do as well, and bring keys for cookies along, which it writes to the disk.
builder.Services.AddAuthenticationCore(options => options.DefaultScheme = CertificateAuthenticationDefaults.AuthenticationScheme);
builder.Services.AddWebEncoders().AddSingleton(TimeProvider.System);
// Without the cache the chain would be built anew for each request.
new AuthenticationBuilder(builder.Services).AddCertificate(options =>
{
    options.ChainTrustValidationMode = X509ChainTrustMode.CustomRootTrust;
    options.CustomTrustStore = roots;
    options.RevocationMode = X509RevocationMode.NoCheck;
}).AddCertificateCache();

WebApplication app = builder.Build();
app.UseWebSockets();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", () => "Hello World");
app.MapGet("/connection", (HttpContext context) => ConnectionView.Of(context));
app.MapGet("/private", (HttpContext context) => $"Hello {context.User.Identity?.Name}").RequireAuthorization();
app.MapPost("/echo", (HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
app.Map("/socket", EchoAsync);

await app.StartAsync();
Console.WriteLine($"Listening on {address.Address}:{new Uri(app.Urls.First()).Port.ToString(CultureInfo.InvariantCulture)}");
await app.WaitForShutdownAsync();
return 0;

static async Task EchoAsync(HttpContext context)
{
    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
    byte[] buffer = new byte[4096];
    while (true)
    {
        ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        if (part.MessageType == WebSocketMessageType.Close) break;
        await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
    }

    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
}
