using System.Net.Security;

namespace RawEcho.Streams;

/// <summary>What is done with a connection, as the client sees it. Each but echo has a protocol name of its own (ALPN, RFC 7301).</summary>
public enum StreamMode
{
    /// <summary>The server sends back what it gets.</summary>
    Echo,

    /// <summary>The client sends, and the server verifies.</summary>
    Upload,

    /// <summary>The server sends, and the client verifies.</summary>
    Download,

    /// <summary>Both at a time.</summary>
    Both,
}

/// <summary>The protocol names of the modes.</summary>
public static class StreamProtocols
{
    private static readonly Dictionary<StreamMode, SslApplicationProtocol> Names = new()
    {
        [StreamMode.Upload] = new("rawecho-upload"),
        [StreamMode.Download] = new("rawecho-download"),
        [StreamMode.Both] = new("rawecho-both"),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SslApplicationProtocol> All { get; } = [.. Names.Values];

    /// <summary>The name of a mode; null for echo, which has none.</summary>
    public static SslApplicationProtocol? Of(StreamMode mode) => Names.TryGetValue(mode, out SslApplicationProtocol name) ? name : null;

    /// <summary>The mode of a name that was negotiated; echo for none and for every other one.</summary>
    public static StreamMode ModeOf(SslApplicationProtocol name) => Names.FirstOrDefault(n => n.Value == name).Key;

    /// <summary>The client sends.</summary>
    public static bool HasUpload(this StreamMode mode) => mode is StreamMode.Upload or StreamMode.Both;

    /// <summary>The server sends.</summary>
    public static bool HasDownload(this StreamMode mode) => mode is StreamMode.Download or StreamMode.Both;
}
