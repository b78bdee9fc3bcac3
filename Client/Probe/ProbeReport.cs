using System.Text.Json.Serialization;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>Everything a probe came to know: what --json writes (docs/probe.schema.json), and all that the text is made of.</summary>
internal sealed record ProbeReport
{
    /// <summary>Names the format.</summary>
    public string Schema { get; } = "rawecho-probe";

    /// <summary>Counts changes that a reader must know of; a new property is none.</summary>
    public int Version { get; } = 1;

    /// <summary>When the probe began.</summary>
    public required DateTimeOffset Time { get; init; }

    public required TargetReport Target { get; init; }

    /// <summary>"ok", or the code of the first error.</summary>
    public required string Outcome { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>True when the user ended the probe: what is null was not looked at.</summary>
    public required bool Interrupted { get; init; }

    public required IReadOnlyList<AddressReport> Addresses { get; init; }

    /// <summary>The step before TLS; null when it did not come to that, or there is none.</summary>
    public StartTlsReport? StartTls { get; init; }

    /// <summary>Null when there was no connection, or no TLS was asked for.</summary>
    public HandshakeReport? Handshake { get; init; }

    /// <summary>Null when no certificate came.</summary>
    public ServerReport? Server { get; init; }

    /// <summary>Null when the server's certificates did not come.</summary>
    public ClientReport? Client { get; init; }

    /// <summary>Null when it did not come to that.</summary>
    public EchoReport? Echo { get; init; }

    /// <summary>Null when it did not come to that, or something was asked of the server.</summary>
    public AnswerReport? Answer { get; init; }

    /// <summary>Null when it did not come to that, or the server is no web server.</summary>
    public HttpReport? Http { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Which files were used, and what is odd about them.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>What was asked for.</summary>
internal sealed record TargetReport(string Server, string ServerName, string Tls, string MinimumVersion)
{
    /// <summary>Null for a server that is no web server.</summary>
    public string? Url { get; init; }

    /// <summary>The protocol of --starttls; null for none.</summary>
    public string? StartTls { get; init; }

    /// <summary>What was offered (ALPN); empty for nothing.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];
}

/// <summary>The step before TLS: accepted, declined, unexpected, closed or silent.</summary>
internal sealed record StartTlsReport(string Result, double Milliseconds);

/// <summary>What a service did that was sent nothing: spoke, silent, closed or cut-off.</summary>
/// <param name="Result">One of those.</param>
/// <param name="Answer">Its first words; null for none.</param>
internal sealed record AnswerReport(string Result, string? Answer);

/// <summary>The response to a HEAD request.</summary>
/// <param name="Status">Null when there was no response.</param>
/// <param name="Version">The version of HTTP.</param>
/// <param name="Server">What the server says it is; null when it does not.</param>
internal sealed record HttpReport(int? Status, string? Version, string? Server);

/// <summary>One address: connected, failed or not-tried.</summary>
internal sealed record AddressReport(string Address, string Result, double? Milliseconds, string? Detail)
{
    /// <summary>Why it failed, to be read behind the address; null when it did not.</summary>
    [JsonIgnore]
    public string? Reason { get; init; }
}

/// <summary>The handshake: complete, refused (by this side), failed or timed-out.</summary>
internal sealed record HandshakeReport(
    string Result, double Milliseconds, string? Protocol, string? CipherSuite, ResumptionReport? Resumption)
{
    /// <summary>What the server chose of the application protocols (ALPN); null for none.</summary>
    public string? ApplicationProtocol { get; init; }
}

/// <summary>A second handshake that offered the first one's session: resumed, full, failed or not-tried.</summary>
internal sealed record ResumptionReport(string Result, double? Milliseconds, string? Detail);

/// <summary>What the server showed, its own certificate first.</summary>
internal sealed record ServerReport(bool Verified, IReadOnlyList<CertificateReport> Certificates, string? TrustedRoot);

/// <summary>What the server asked of the client, and what came of that.</summary>
/// <param name="Asked">Null when it did not come to light.</param>
/// <param name="AcceptableAuthorities">The CAs that it named; empty when it named none.</param>
/// <param name="Certificate">The certificate that this side has for it; null for none.</param>
/// <param name="Sent">Whether it was sent; null when it did not come to light.</param>
/// <param name="Accepted">yes, no, probably-not, unknown, or not-asked.</param>
internal sealed record ClientReport(
    bool? Asked, IReadOnlyList<string> AcceptableAuthorities, CertificateReport? Certificate, bool? Sent, string Accepted);

/// <summary>The echo: matched, differs, closed, cut-off or timed-out.</summary>
/// <param name="Result">One of those.</param>
/// <param name="Bytes">Length of a message.</param>
/// <param name="FirstMilliseconds">Of the first message, which waits for the server's part of the handshake.</param>
/// <param name="Milliseconds">The shortest of the others.</param>
/// <param name="Answer">What came instead.</param>
internal sealed record EchoReport(string Result, int Bytes, double? FirstMilliseconds, double? Milliseconds, string? Answer);

/// <summary>How much a finding weighs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
internal enum Severity
{
    /// <summary>It does not work because of this.</summary>
    [JsonStringEnumMemberName("error")]
    Error,

    /// <summary>It works, or would, and this should be looked at.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Code">What it is, for a script.</param>
/// <param name="Message">What it is, for a person.</param>
/// <param name="Advice">What to do; null when there is nothing to say.</param>
internal sealed record Finding(Severity Severity, string Code, string Message, string? Advice)
{
    /// <summary>The exit code when this is the first error.</summary>
    [JsonIgnore]
    public int ExitCode { get; init; }
}

/// <summary>How the report becomes JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class ProbeJson : JsonSerializerContext;
