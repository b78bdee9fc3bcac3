using RawEcho.Client.StartTls;

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

    /// <summary>The step before the handshake; null where TLS comes first.</summary>
    public StartTlsStep? StartTls { get; } = CreateStep(settings);

    /// <summary>The messages; null when it did not come to that, or the service does not echo.</summary>
    public EchoResult? Echo { get; set; }

    /// <summary>What a service that does not echo did after the handshake; null when it did not come to that.</summary>
    public EchoResult? Silence { get; set; }

    /// <summary>The request to a web server; null when it did not come to that, or it is none.</summary>
    public HeadResult? Head { get; set; }

    /// <summary>What the server did after the handshake, whatever it was asked; null when it did not come to that.</summary>
    public EchoResult? Contact => Echo ?? Silence ?? Head?.Contact;

    /// <summary>The step before the handshake of one connection; null where TLS comes first.</summary>
    public static StartTlsStep? CreateStep(ProbeSettings settings) => settings.StartTls is { } protocol
        ? new StartTlsStep(protocol, settings.ServerName, settings.Tls.HandshakeTimeout)
        : null;

    /// <summary>TLS 1.0 is 0x0301 on the wire, and each version counts one more.</summary>
    public static string NameOfVersion(ushort version) => version <= 0x0300 ? "SSL 3.0 or older" : $"TLS 1.{(version & 0xff) - 1}";
}
