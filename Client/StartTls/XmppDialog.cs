using System.Security;

namespace RawEcho.Client.StartTls;

/// <summary>STARTTLS of XMPP (RFC 6120 section 5).</summary>
internal static class XmppDialog
{
    private const string Namespace = "urn:ietf:params:xml:ns:xmpp-tls";

    public static async Task AskAsync(StartTlsDialog dialog, string host)
    {
        string to = SecurityElement.Escape(host);
        await dialog.SendAsync(
            $"<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='jabber:client' "
            + "xmlns:stream='http://etherx.jabber.org/streams'>");
        string start = await dialog.ReadUntilAsync(">");
        if (!start.TrimStart().StartsWith('<')) throw StartTlsDialog.UnexpectedText(start);
        string features = start
            + await dialog.ReadUntilAsync("</stream:features>", "<stream:features/>", "</stream:error>", "</stream:stream>");
        if (!features.Contains("<stream:stream", StringComparison.Ordinal)) throw StartTlsDialog.UnexpectedText(features);
        if (features.Contains("<stream:error", StringComparison.Ordinal))
        {
            string error = features[features.IndexOf("<stream:error", StringComparison.Ordinal)..];
            throw StartTlsDialog.Declined("The server answered with an error.", error);
        }

        if (!features.Contains(Namespace, StringComparison.Ordinal))
            throw StartTlsDialog.Declined("The server does not offer STARTTLS among its features.");
        await dialog.SendAsync($"<starttls xmlns='{Namespace}'/>");
        string answer = await dialog.ReadUntilAsync(">");
        if (answer.TrimStart().StartsWith("<proceed", StringComparison.Ordinal))
        {
            if (!answer.EndsWith("/>", StringComparison.Ordinal)) await dialog.ReadUntilAsync("</proceed>");
            return;
        }

        throw answer.TrimStart().StartsWith("<failure", StringComparison.Ordinal)
            ? StartTlsDialog.Declined("The server declined STARTTLS.", answer)
            : StartTlsDialog.UnexpectedText(answer);
    }
}
