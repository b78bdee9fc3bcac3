using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>One request, and the body that must answer it.</summary>
/// <param name="Method">As in HTTP.</param>
/// <param name="Path">With its slash.</param>
/// <param name="Body">What is sent along; null for nothing.</param>
/// <param name="Expected">What every response must hold.</param>
internal sealed record HttpTask(string Method, string Path, byte[]? Body, byte[] Expected)
{
    /// <summary>Starts the generator.</summary>
    /// <param name="context">Where things are.</param>
    /// <param name="mode">keep, new or idle.</param>
    /// <param name="server">Which gets the requests.</param>
    /// <param name="connections">At a time.</param>
    /// <param name="streams">Requests at a time on a connection; 1 is HTTP/1.1, more is HTTP/2.</param>
    /// <param name="warmUp">Seconds before anything counts.</param>
    /// <param name="seconds">Seconds that count.</param>
    public LoadGenerator Start(
        WorkContext context, string mode, ServerProcess server, int connections, int streams, double warmUp, double seconds)
    {
        string name = Path.Trim('/');
        return new LoadGenerator(
            context.Generator, mode, server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator,
            streams > 1 ? "h2" : "http/1.1", Method, Path, Body is null ? "-" : Write(context, $"{name}.request", Body),
            Write(context, $"{name}.response", Expected), connections, streams, warmUp, seconds);
    }

    private static string Write(WorkContext context, string name, byte[] bytes)
    {
        string file = System.IO.Path.Combine(context.Layout.Built, name);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
