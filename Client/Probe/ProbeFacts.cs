namespace RawEcho.Client.Probe;

/// <summary>What a probe has seen, before anyone evaluates it.</summary>
internal sealed class ProbeFacts(ProbeSettings settings)
{
    public ProbeSettings Settings { get; } = settings;

    public DateTimeOffset Start { get; } = DateTimeOffset.UtcNow;

    public AddressDialer Dialer { get; } = new(settings);

    /// <summary>The handshake; null when there was no connection, or no TLS was asked for.</summary>
    public TlsAttempt? Tls { get; set; }

    /// <summary>What the server asked for.</summary>
    public RequestedCertificate Request { get; set; } = new(null, []);

    /// <summary>The second handshake; null when it was of no use to try one.</summary>
    public ResumptionReport? Resumption { get; set; }

    public EchoResult? Echo { get; set; }

    /// <summary>TLS 1.0 is 0x0301 on the wire, and each version counts one more.</summary>
    public static string NameOfVersion(ushort version) => version <= 0x0300 ? "SSL 3.0 or older" : $"TLS 1.{(version & 0xff) - 1}";
}
