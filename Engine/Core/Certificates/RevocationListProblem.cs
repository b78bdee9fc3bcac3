namespace RawEcho.Engine.Certificates;

/// <summary>Why a revocation list (RFC 5280 section 5) cannot be relied on.</summary>
public enum RevocationListProblem
{
    /// <summary>Nothing is wrong with a list.</summary>
    None = 0,

    /// <summary>There is no list.</summary>
    NoList,

    /// <summary>It is not a revocation list, or a damaged one.</summary>
    Damaged,

    /// <summary>Its version is not known.</summary>
    UnknownVersion,

    /// <summary>Its signature is not made of whole bytes.</summary>
    UnevenSignature,

    /// <summary>It names two different signature algorithms.</summary>
    TwoAlgorithms,

    /// <summary>It does not say when the next one is due.</summary>
    NoNextUpdate,

    /// <summary>It is a delta list (section 5.2.4): it only changes another one.</summary>
    Delta,

    /// <summary>It is an indirect list (section 5.2.5): it has certificates of several CAs.</summary>
    Indirect,

    /// <summary>It covers attribute certificates alone (section 5.2.5), and no peer shows one.</summary>
    AttributeCertificates,

    /// <summary>It has a critical extension that is not known.</summary>
    UnknownExtension,

    /// <summary>The CA that it names did not sign it: with a key that may sign lists, by RSA, RSA-PSS or ECDSA with SHA-2.</summary>
    NotSigned,
}

/// <summary>Thrown when bytes are no revocation list that can be relied on.</summary>
internal sealed class RevocationListException(RevocationListProblem problem, Exception? cause = null) : Exception(problem.ToString(), cause)
{
    public RevocationListProblem Problem { get; } = problem;

    /// <summary>The extension that is not known.</summary>
    public string? Extension { get; init; }
}
