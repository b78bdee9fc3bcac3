namespace RawEcho.Certs;

/// <summary>A name in a certificate.</summary>
/// <param name="Type">dns, ip, email, uri or other.</param>
/// <param name="Value">As it stands there: not yet safe for a terminal.</param>
internal sealed record CertificateName(string Type, string Value);
