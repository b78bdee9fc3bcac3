using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Tests;

/// <summary>A recording as it should be: two processes, values with and without tags, one that is not a number, and an event.</summary>
internal static class GoodRecording
{
    public static readonly DateTimeOffset Started = new(2026, 11, 21, 0, 30, 15, 250, TimeSpan.Zero);

    public static readonly RecordingHeader Header = new(
        Started, TimeSpan.FromSeconds(1), new Machine("host", "Debian 12", 2, 8_000_000_000), "rawecho-diagnostics 0.1.0");

    public static readonly ProcessDescription Server = new()
    {
        Pid = 41,
        Seconds = 0,
        Name = "rawecho-server",
        Description = "RawEcho server, with \"quotes\", commas",
        Role = "server",
        Runtime = ".NET 10.0.12",
        GcMode = "workstation, non-concurrent",
        User = "me",
        Started = Started.AddMinutes(-1),
        CommandLine = "rawecho-server --listen 127.0.0.1:0",
    };

    public static readonly ProcessDescription Foreign = new() { Pid = 7, Seconds = 1, Name = "Shop", Description = "Shop" };

    /// <summary>Writes it, in the form that the ending of the file asks for.</summary>
    public static void Write(string file)
    {
        using RecordingWriter writer = RecordingWriter.Create(file);
        writer.Write(Header);
        writer.Write(Server);
        var values = new Dictionary<string, double>
        {
            ["cpu.percent"] = 98.25,
            ["threads.busiest[.NET Sockets 42]"] = 31.5,
            ["memory.native"] = double.NaN,
        };
        writer.Write(new Sample(1, 41, values));
        writer.Write(Foreign);
        writer.Write(new Sample(1, 7, new Dictionary<string, double> { ["memory.private"] = 4096 }));
        writer.Write(new Sample(2, 41, new Dictionary<string, double> { ["cpu.percent"] = 12.5 }));
        writer.Write(new RecordingEvent(2.5, 7, EventKind.Ended, "It ended, with a \"reason\"."));
    }
}
