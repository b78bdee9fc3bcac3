using System.Text;

namespace RawEcho.Client.StartTls;

/// <summary>SSLRequest of PostgreSQL (Frontend/Backend Protocol, section "SSL Session Encryption").</summary>
internal static class PostgresDialog
{
    // Length 8, and the number that stands for a request for TLS: 1234 and 5679.
    private static readonly byte[] Request = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

    public static async Task AskAsync(StartTlsDialog dialog)
    {
        await dialog.SendAsync(Request);
        byte[] answer = await dialog.ReadAsync(1);
        switch (answer[0])
        {
            case (byte)'S':
                return;
            case (byte)'N':
                throw StartTlsDialog.Declined("The server does not speak TLS: PostgreSQL answers so where 'ssl' is off.");
            case (byte)'E':
                throw StartTlsDialog.Declined("The server answered with an error.", await ErrorAsync(dialog));
            default:
                throw StartTlsDialog.Unexpected(answer);
        }
    }

    // Length, then fields of a letter and a text that a zero ends; M is the message. Servers before version 7 send the text alone.
    private static async Task<string> ErrorAsync(StartTlsDialog dialog)
    {
        const int longest = 1000;
        byte[] length = await dialog.ReadAsync(4);
        int bytes = (length[0] << 24) | (length[1] << 16) | (length[2] << 8) | length[3];
        if (bytes is < 5 or > longest) return Encoding.Latin1.GetString(length);
        string text = Encoding.Latin1.GetString(await dialog.ReadAsync(bytes - 4));
        return text.Split('\0').FirstOrDefault(f => f.StartsWith('M'))?[1..] ?? text.TrimEnd('\0');
    }
}
