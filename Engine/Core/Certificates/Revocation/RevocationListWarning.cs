namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Why a revocation list that is in use does not do all that it should.</summary>
public enum RevocationListDoubt
{
    /// <summary>Its CA was not among those known when it was read: it counts once a peer shows that CA.</summary>
    UnknownIssuer,

    /// <summary>The next list was due at <see cref="RevocationListWarning.NextUpdate"/>, and that is over.</summary>
    Stale,

    /// <summary>
    /// The lists of its CA do not cover all of that CA's certificates (RFC 5280 section 5.2.5): of the others they prove only what they
    /// name.
    /// </summary>
    Partial,
}

/// <summary>What whoever runs a service should know of a revocation list that is in use.</summary>
/// <param name="Doubt">What it is.</param>
/// <param name="Issuer">The distinguished name of its CA, as it stands in the list: not yet safe for a terminal.</param>
/// <param name="NextUpdate">When the next list is due.</param>
public sealed record RevocationListWarning(RevocationListDoubt Doubt, string Issuer, DateTimeOffset NextUpdate);
