using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>What is asked of every path that may lead from a peer to a root.</summary>
/// <param name="Certificate">The peer's.</param>
/// <param name="Role">Its side of the handshake.</param>
/// <param name="ExpectedName">DNS name or IP address that a server must have; null to ask for none.</param>
/// <param name="Moment">When it must be valid.</param>
/// <param name="Policy">Whether old certificates are let off some of the rules.</param>
/// <param name="PartialChain">The chain may end at any of the roots, also at one that another CA issued.</param>
internal sealed record PeerQuestion(
    X509Certificate2 Certificate, PeerRole Role, string? ExpectedName, DateTimeOffset Moment, TlsPolicy Policy, bool PartialChain);
