namespace RawEcho.Client.StartTls;

/// <summary>STARTTLS of SMTP (RFC 3207).</summary>
internal static class SmtpDialog
{
    private const int MostLines = 100;

    public static async Task AskAsync(StartTlsDialog dialog)
    {
        (string code, List<string> greeting) = await ReadReplyAsync(dialog);
        if (code != "220") throw StartTlsDialog.Declined("The server does not take mail now.", $"{code} {greeting[0]}");
        await dialog.SendAsync("EHLO rawecho-client.invalid\r\n");
        (code, List<string> offers) = await ReadReplyAsync(dialog);
        if (code != "250") throw StartTlsDialog.Declined("The server did not take EHLO.", $"{code} {offers[0]}");
        if (!offers.Exists(o => o.Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
            throw StartTlsDialog.Declined("The server does not offer STARTTLS in its answer to EHLO.");
        await dialog.SendAsync("STARTTLS\r\n");
        (code, List<string> answer) = await ReadReplyAsync(dialog);
        if (code != "220") throw StartTlsDialog.Declined("The server declined STARTTLS.", $"{code} {answer[0]}");
    }

    // Three digits, then a minus in every line but the last (RFC 5321 section 4.2.1).
    private static async Task<(string Code, List<string> Lines)> ReadReplyAsync(StartTlsDialog dialog)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            string line = await dialog.ReadLineAsync();
            bool isReply = line.Length >= 3 && line[..3].All(char.IsAsciiDigit) && (line.Length == 3 || line[3] is ' ' or '-');
            if (!isReply) throw StartTlsDialog.UnexpectedText(line);
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ') return (line[..3], lines);
        }

        throw StartTlsDialog.UnexpectedText("a reply of more than 100 lines");
    }
}
