using System.Reflection;
using RawEcho.EndToEnd.Tests.Support;

namespace RawEcho.Diagnostics.Tests.Support;

/// <summary>The programs of targets/, running.</summary>
internal static class Target
{
    public static string WorkAssembly { get; } = Path.Combine(Folder("Work"), "diagnosed-work.dll");

    private static string WebAssembly { get; } = Path.Combine(Folder("Web"), "diagnosed-web.dll");

    /// <summary>A program that does what it is told; it has collected nothing yet.</summary>
    public static async Task<ProgramProcess> StartWorkAsync(params (string Name, string Value)[] environment)
    {
        var process = new ProgramProcess("dotnet", [WorkAssembly], environment.ToDictionary(e => e.Name, e => e.Value));
        await process.WaitForLineAsync("ready");
        return process;
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
        Dictionary<string, string?> metadata = typeof(Target).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().DistinctBy(a => a.Key).ToDictionary(a => a.Key, a => a.Value);
        return Path.Combine(metadata["RepositoryRoot"]!, "tests", "Diagnostics.Tests", "targets", project, "bin", metadata["Configuration"]!, "net10.0");
    }
}
