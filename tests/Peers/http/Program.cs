// One ASP.NET Core application behind mutual TLS, on Kestrel's own transport or on RawEcho's; only the transport differs.
// Usage: http-peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3 stock|stock-inline|pool|guarded|loop
using System.Net;
using RawEcho.Benchmarks.Http;
using RawEcho.Engine.AspNetCore;

if (args is not [var port, var ca, var cert, var key, var tls, var transport])
{
    Console.Error.WriteLine("Usage: http-peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3 stock|stock-inline|pool|guarded|loop");
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver = PeerJson.Default);
var files = new CertificateFiles(ca, cert, key, tls);
var endPoint = new IPEndPoint(IPAddress.Loopback, int.Parse(port));
switch (transport)
{
    case "stock": builder.WebHost.UseStock(endPoint, files, isInline: false); break;
    case "stock-inline": builder.WebHost.UseStock(endPoint, files, isInline: true); break;
    case "pool": builder.WebHost.UseEngine(endPoint, files, ApplicationThreads.ThreadPool); break;
    case "guarded": builder.WebHost.UseEngine(endPoint, files, ApplicationThreads.Guarded); break;
    case "loop": builder.WebHost.UseEngine(endPoint, files, ApplicationThreads.EventLoop); break;
    default:
        Console.Error.WriteLine($"There is no transport '{transport}'.");
        return 2;
}

await using WebApplication app = builder.Build();
app.MapGet("/hello", Answers.HelloAsync);
app.MapGet("/json", () => new Message("Hello, World!"));
app.MapGet("/download", Answers.DownloadAsync);
app.MapPost("/upload", Answers.UploadAsync);
await app.StartAsync();
Console.WriteLine($"Listening on 127.0.0.1:{new Uri(app.Urls.Single()).Port}");
await app.WaitForShutdownAsync();
return 0;
