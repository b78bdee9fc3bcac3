using System.Formats.Asn1;
using System.Text;

namespace RawEcho.Client.StartTls;

/// <summary>The extended operation StartTLS of LDAP (RFC 4511 section 4.14).</summary>
internal static class LdapDialog
{
    private const string StartTls = "1.3.6.1.4.1.1466.20037";
    private const int ExtendedRequest = 23, ExtendedResponse = 24;
    private const int LongestAnswer = 16 * 1024;

    public static async Task AskAsync(StartTlsDialog dialog)
    {
        await dialog.SendAsync(Request());
        byte[] answer = await ReadMessageAsync(dialog);
        (int code, string text) = Read(answer);
        if (code == 0) return;
        string why = code switch
        {
            1 => "operationsError: TLS is established already, or the operation cannot be",
            2 => "protocolError: the server does not speak StartTLS",
            8 => "strongerAuthRequired",
            10 => "referral: another server does",
            52 => "unavailable: the server cannot do TLS now",
            _ => $"result code {code}",
        };
        throw StartTlsDialog.Declined($"The server declined StartTLS ({why}).", text.Length == 0 ? null : text);
    }

    private static byte[] Request()
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, ExtendedRequest, isConstructed: true)))
                writer.WriteOctetString(Encoding.ASCII.GetBytes(StartTls), new Asn1Tag(TagClass.ContextSpecific, 0));
        }

        return writer.Encode();
    }

    // A sequence with a length of one byte, or of as many as the first one says.
    private static async Task<byte[]> ReadMessageAsync(StartTlsDialog dialog)
    {
        const byte sequence = 0x30;
        byte[] head = await dialog.ReadAsync(2);
        if (head[0] != sequence) throw StartTlsDialog.Unexpected(head);
        int length = head[1];
        if (length >= 0x80)
        {
            byte[] more = length is > 0x80 and <= 0x84 ? await dialog.ReadAsync(length & 0x7F) : throw StartTlsDialog.Unexpected(head);
            head = [.. head, .. more];
            long value = more.Aggregate(0L, (sum, b) => (sum << 8) | b);
            if (value > LongestAnswer) throw StartTlsDialog.Unexpected(head);
            length = (int)value;
        }

        return [.. head, .. await dialog.ReadAsync(length)];
    }

    private static (int Code, string Text) Read(byte[] answer)
    {
        try
        {
            AsnReader message = new AsnReader(answer, AsnEncodingRules.BER).ReadSequence();
            message.ReadInteger();
            AsnReader response = message.ReadSequence(new Asn1Tag(TagClass.Application, ExtendedResponse, isConstructed: true));
            int code = response.ReadEnumeratedBytes() is { Length: 1 } one ? one.Span[0] : throw new AsnContentException();
            response.ReadOctetString();
            return (code, Encoding.UTF8.GetString(response.ReadOctetString()));
        }
        catch (AsnContentException)
        {
            throw StartTlsDialog.Unexpected(answer);
        }
    }
}
