namespace RawEcho.Certs;

/// <summary>The files of one certificate of a directory: its own, its key's, and both in one.</summary>
/// <param name="Name">What they begin with, such as server.</param>
internal sealed record PeerFiles(string Name)
{
    private const int MaxName = 64;
    private const string KeySuffix = "-key";

    // What else a CA's directory holds.
    private static readonly string[] Reserved = ["ca", "crl", "index"];

    public static PeerFiles Server { get; } = new("server");

    public static PeerFiles Client { get; } = new("client");

    public string Certificate => $"{Name}.pem";

    public string Key => $"{Name}{KeySuffix}.pem";

    public string Pfx => $"{Name}.pfx";

    public IReadOnlyList<string> All => [Certificate, Key, Pfx];

    /// <summary>A name that files can have everywhere and that no other file of the directory has.</summary>
    public static bool TryParse(string text, out string name)
    {
        name = text;
        return text.Length is > 0 and <= MaxName
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            && text[^1] != '.'
            && !text.EndsWith(KeySuffix, StringComparison.OrdinalIgnoreCase)
            && !Reserved.Contains(text, StringComparer.OrdinalIgnoreCase);
    }
}
