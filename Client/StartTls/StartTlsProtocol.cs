namespace RawEcho.Client.StartTls;

/// <summary>A protocol that begins in the clear and goes on under TLS.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Title">As people write it.</param>
/// <param name="SpeaksFirst">The server says the first word.</param>
/// <param name="AskAsync">Asks the server to go on under TLS; the second argument is its name.</param>
internal sealed record StartTlsProtocol(string Name, string Title, bool SpeaksFirst, Func<StartTlsDialog, string, Task> AskAsync)
{
    /// <summary>All that are known.</summary>
    public static readonly IReadOnlyList<StartTlsProtocol> All =
    [
        new("postgres", "PostgreSQL", false, (dialog, _) => PostgresDialog.AskAsync(dialog)),
        new("mysql", "MySQL", true, (dialog, _) => MySqlDialog.AskAsync(dialog)),
        new("smtp", "SMTP", true, (dialog, _) => SmtpDialog.AskAsync(dialog)),
        new("imap", "IMAP", true, (dialog, _) => ImapDialog.AskAsync(dialog)),
        new("ldap", "LDAP", false, (dialog, _) => LdapDialog.AskAsync(dialog)),
        new("xmpp", "XMPP", false, XmppDialog.AskAsync),
    ];

    /// <summary>Finds one by its name.</summary>
    public static bool TryParse(string word, out StartTlsProtocol protocol)
    {
        protocol = All.FirstOrDefault(p => p.Name == word)!;
        return protocol is not null;
    }
}
