using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>One case of path validation: what is shown, what is trusted, and what must come of it.</summary>
internal sealed record PathCase(X509Certificate2 Leaf, X509Certificate2[] Sent, X509Certificate2[] Roots, CertificateFault Expected)
{
    public PeerRole Role { get; init; } = PeerRole.Client;

    /// <summary>The name that was dialled.</summary>
    public string? Name { get; init; }

    public TlsPolicy Policy { get; init; } = TlsPolicy.Strict;

    /// <summary>
    /// The expected answer of openssl verify for the same files; null where its rules differ from ours, for the reason given in the case.
    /// </summary>
    public bool? OpenSsl { get; init; }

    /// <summary>A part of the sentence that the refusal is told in; null where the fault says enough.</summary>
    public string? Says { get; init; }

    public PathCase Saying(string words) => this with { Says = words };

    public PathCase Trusting(params X509Certificate2[] roots) => this with { Roots = roots };

    public PathCase OfServer(string? dialled = null) => this with { Role = PeerRole.Server, Name = dialled };

    public PathCase UnderLegacy() => this with { Policy = TlsPolicy.Legacy };

    public PathCase WithOpenSsl(bool accepts) => this with { OpenSsl = accepts };

    public PeerVerdict Verify() => PeerVerifier.Verify(Leaf, [.. Sent], [.. Roots], Role, Name, policy: Policy);
}
