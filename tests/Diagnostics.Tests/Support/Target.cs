using System.Reflection;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>The programs of tests/Targets, while they run.</summary>
internal static class Target
{
    public static string WorkAssembly { get; } = Path.Combine(Folder("Work"), "diagnosed-work.dll");

    private static string WebAssembly { get; } = Path.Combine(Folder("Web"), "diagnosed-web.dll");

    /// <summary>A program that does work on request; no garbage collection has happened in it yet.</summary>
    public static async Task<ProgramProcess> StartWorkAsync(params (string Name, string Value)[] environment)
    {
        var process = new ProgramProcess("dotnet", [WorkAssembly], environment.ToDictionary(e => e.Name, e => e.Value));
        await process.WaitForLineAsync("ready");
        return process;
    }

    /// <summary>rawecho-server without TLS, on a port that the system chooses.</summary>
    public static async Task<ProgramProcess> StartServerAsync(params (string Name, string Value)[] environment)
    {
        var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--tls", "none"], environment.ToDictionary(e => e.Name, e => e.Value));
        await server.WaitForLineAsync("Server started");
        return server;
    }

    /// <summary>A web service that knows nothing of RawEcho.</summary>
    /// <returns>The process, and its address.</returns>
    public static async Task<(ProgramProcess Process, Uri Address)> StartWebAsync()
    {
        var process = new ProgramProcess("dotnet", [WebAssembly]);
        string line = await process.WaitForLineAsync("ready");
        return (process, new Uri(line.Split(' ')[1]));
    }

    /// <summary>Has a work program do something, and waits until it is done.</summary>
    /// <returns>What it says of it.</returns>
    public static async Task<string> DoAsync(this ProgramProcess work, string order)
    {
        string done = $"done {order.Split(' ')[0]}";
        int before = work.Lines.Count(l => l.StartsWith(done, StringComparison.Ordinal));
        await work.TypeAsync(order);
        await Testing.TimeLimit.Until(() => work.Lines.Count(l => l.StartsWith(done, StringComparison.Ordinal)) > before, done);
        return work.Lines.Last(l => l.StartsWith(done, StringComparison.Ordinal))[done.Length..].Trim();
    }

    private static string Folder(string project)
    {
        string configuration = typeof(Target).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "Configuration").Value!;
        return Programs.InRepository(Path.Combine("tests", "Targets", project, "bin", configuration, "net10.0"));
    }
}
