namespace RawEcho.Client.StartTls;

/// <summary>STARTTLS of IMAP (RFC 9051 section 6.2.1).</summary>
internal static class ImapDialog
{
    private const int MostLines = 100;

    public static async Task AskAsync(StartTlsDialog dialog)
    {
        string greeting = await dialog.ReadLineAsync();
        if (IsUntagged(greeting, "BYE")) throw StartTlsDialog.Declined("The server takes no connection now.", greeting);
        if (IsUntagged(greeting, "PREAUTH"))
            throw StartTlsDialog.Declined("The server has authenticated this client already, and then takes no STARTTLS.", greeting);
        if (!IsUntagged(greeting, "OK")) throw StartTlsDialog.UnexpectedText(greeting);
        await dialog.SendAsync("a1 CAPABILITY\r\n");
        (string answer, List<string> untagged) = await ReadAnswerAsync(dialog, "a1");
        string[] words = [.. untagged.Where(l => IsUntagged(l, "CAPABILITY")).SelectMany(l => l.Split(' '))];
        if (!IsOk(answer) || !words.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase))
            throw StartTlsDialog.Declined("The server does not offer STARTTLS among its capabilities.");
        await dialog.SendAsync("a2 STARTTLS\r\n");
        (answer, _) = await ReadAnswerAsync(dialog, "a2");
        if (!IsOk(answer)) throw StartTlsDialog.Declined("The server declined STARTTLS.", answer);
    }

    private static async Task<(string Answer, List<string> Untagged)> ReadAnswerAsync(StartTlsDialog dialog, string tag)
    {
        var untagged = new List<string>();
        while (untagged.Count < MostLines)
        {
            string line = await dialog.ReadLineAsync();
            if (line.StartsWith($"{tag} ", StringComparison.OrdinalIgnoreCase)) return (line[(tag.Length + 1)..], untagged);
            if (!line.StartsWith("* ", StringComparison.Ordinal)) throw StartTlsDialog.UnexpectedText(line);
            untagged.Add(line);
        }

        throw StartTlsDialog.UnexpectedText("an answer of more than 100 lines");
    }

    private static bool IsUntagged(string line, string word) =>
        line.Split(' ', 3) is ["*", var second, ..] && second.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static bool IsOk(string answer) => answer.Split(' ', 2)[0].Equals("OK", StringComparison.OrdinalIgnoreCase);
}
