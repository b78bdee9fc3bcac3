namespace RawEcho.Client.StartTls;

/// <summary>A protocol that begins in the clear and goes on under TLS.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Title">As people write it.</param>
/// <param name="Port">The port that it usually has (IANA).</param>
/// <param name="SpeaksFirst">The server says the first word.</param>
/// <param name="AskAsync">Asks the server to go on under TLS; the second argument is its name.</param>
internal sealed record StartTlsProtocol(string Name, string Title, int Port, bool SpeaksFirst, Func<StartTlsDialog, string, Task> AskAsync)
{
    /// <summary>All that are known.</summary>
    public static readonly IReadOnlyList<StartTlsProtocol> All =
    [
        new("postgres", "PostgreSQL", 5432, false, (dialog, _) => PostgresDialog.AskAsync(dialog)),
        new("mysql", "MySQL", 3306, true, (dialog, _) => MySqlDialog.AskAsync(dialog)),
        new("smtp", "SMTP", 25, true, (dialog, _) => SmtpDialog.AskAsync(dialog)),
        new("imap", "IMAP", 143, true, (dialog, _) => ImapDialog.AskAsync(dialog)),
        new("ldap", "LDAP", 389, false, (dialog, _) => LdapDialog.AskAsync(dialog)),
        new("xmpp", "XMPP", 5222, false, XmppDialog.AskAsync),
    ];

    /// <summary>Finds one by its name.</summary>
    public static bool TryParse(string word, out StartTlsProtocol protocol)
    {
        protocol = All.FirstOrDefault(p => p.Name == word)!;
        return protocol is not null;
    }
}
