namespace RawEcho.Engine.Certificates;

/// <summary>How far a path has come before it was refused: of several reasons that of the best path is told.</summary>
/// <param name="Stage">What was asked when it failed: 0 for a path that leads to no root.</param>
/// <param name="Depth">How many certificates of a path to no root follow from each other, count.</param>
internal readonly record struct PathProgress(int Stage, int Depth) : IComparable<PathProgress>
{
    public static PathProgress Of(CertificateProblem problem) => problem.Fault switch
    {
        CertificateFault.UntrustedIssuer => new(0, 2 * (problem.Position ?? 0)),
        // A CA of the name is there, at least.
        CertificateFault.BadSignature => new(0, (2 * (problem.Position ?? 0)) + 1),
        _ when problem.Position is null => new(1, 0),
        CertificateFault.Malformed => new(2, 0),
        CertificateFault.Expired or CertificateFault.NotYetValid when problem.Position > 0 => new(3, 0),
        CertificateFault.InvalidChain => new(4, 0),
        _ when problem.Position > 0 => new(5, 0),
        _ => new(6, 0),
    };

    public int CompareTo(PathProgress other) => (Stage, Depth).CompareTo((other.Stage, other.Depth));
}
