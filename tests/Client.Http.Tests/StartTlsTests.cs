using System.Formats.Asn1;
using System.Net.Security;
using System.Text;
using System.Text.Json;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Tests;

/// <summary>probe --starttls: servers that go on to TLS, that do not, and that are something else.</summary>
public sealed class StartTlsTests(TestFiles files) : IClassFixture<TestFiles>
{
    private const string XmppHead = "<?xml version='1.0'?><stream:stream id='1' version='1.0' xmlns='jabber:client' "
        + "xmlns:stream='http://etherx.jabber.org/streams'>";
    private const string XmppOffer =
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";

    /// <summary>What a good server says: "&lt;" for what it waits for, by its last characters, "&gt;" for what it sends.</summary>
    public static TheoryData<string, string[]> Good { get; } = new()
    {
        { "postgres", ["<\u0004\u00d2\u0016\u002f", ">S"] },
        { "mysql", [">" + MySqlGreeting(0x0800), "<" + new string('\0', 23)] },
        {
            "smtp",
            [
                ">220-mail.example\r\n220 ready\r\n",
                "<\r\n",
                ">250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
                "<STARTTLS\r\n",
                ">220 go on\r\n",
            ]
        },
        {
            "imap",
            [
                ">* OK ready\r\n",
                "<CAPABILITY\r\n",
                ">* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n",
                "<STARTTLS\r\n",
                ">a2 OK begin\r\n",
            ]
        },
        { "ldap", ["<1466.20037", ">" + LdapAnswer(0, "")] },
        { "xmpp", ["<streams'>", ">" + XmppHead + XmppOffer, "<xmpp-tls'/>", "><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"] },
    };

    public static TheoryData<string, string[], string, string> Bad { get; } = new()
    {
        { "postgres", ["<\u0016\u002f", ">N"], "declined", "'ssl' is off" },
        { "postgres", ["<\u0016\u002f", ">E\0\0\0\u0018SFATAL\0Mtoo many\0\0..."], "declined", "too many" },
        { "postgres", ["<\u0016\u002f", ">HTTP/1.1 400"], "unexpected", "\"H\"" },
        { "postgres", ["<\u0016\u002f", ">Smuggled"], "unexpected", "more behind its answer" },
        { "mysql", [">" + MySqlGreeting(0)], "declined", "CLIENT_SSL" },
        { "mysql", [">\u0013\0\0\0\u00ff\u0010\u0004Too many clients"], "declined", "Too many clients" },
        { "mysql", [">SSH-2.0-OpenSSH_9\r\n"], "unexpected", "\"SSH-\"" },
        { "mysql", [">\u0001\0\0\0\u0009"], "unexpected", "the bytes" },
        { "mysql", [">\u0005\0\0\0\u000a8.0\0"], "declined", "CLIENT_SSL" },
        { "smtp", [">554 go away\r\n"], "declined", "554 go away" },
        { "smtp", [">220 ready\r\n", "<\r\n", ">250 mail.example\r\n"], "declined", "does not offer STARTTLS" },
        {
            "smtp",
            [">220 ready\r\n", "<\r\n", ">250 STARTTLS\r\n", "<STARTTLS\r\n", ">454 TLS not available\r\n"],
            "declined", "454 TLS not available"
        },
        {
            "smtp",
            [">220 ready\r\n", "<\r\n", ">250 STARTTLS\r\n", "<STARTTLS\r\n", ">220 go on\r\n250 smuggled\r\n"],
            "unexpected", "more behind"
        },
        { "smtp", [">* OK imap\r\n"], "unexpected", "* OK imap" },
        { "smtp", [">", "!"], "closed", "without a word" },
        { "smtp", [">220 ready\r\n", "!"], "closed", "220 ready" },
        { "smtp", [], "silent", "did not greet" },
        { "smtp", [">220"], "silent", "\"220\"" },
        { "imap", [">* BYE busy\r\n"], "declined", "* BYE busy" },
        { "imap", [">* PREAUTH you\r\n"], "declined", "authenticated this client already" },
        { "imap", [">* OK\r\n", "<CAPABILITY\r\n", ">* CAPABILITY IMAP4rev1\r\na1 OK\r\n"], "declined", "does not offer" },
        {
            "imap",
            [">* OK\r\n", "<CAPABILITY\r\n", ">* CAPABILITY STARTTLS\r\na1 OK\r\n", "<STARTTLS\r\n", ">a2 NO never\r\n"],
            "declined", "NO never"
        },
        { "imap", [">+OK pop3\r\n"], "unexpected", "+OK pop3" },
        { "ldap", ["<1466.20037", ">" + LdapAnswer(52, "no TLS here")], "declined", "no TLS here" },
        { "ldap", ["<1466.20037", ">" + LdapAnswer(2, "")], "declined", "does not speak StartTLS" },
        { "ldap", ["<1466.20037", ">0\u0084\u007f\u007f\u007f\u007f"], "unexpected", "the bytes" },
        { "ldap", ["<1466.20037", ">0\u0005\u0002\u0001\u0001\u0005\0"], "unexpected", "the bytes" },
        { "ldap", ["<1466.20037", ">HTTP"], "unexpected", "\"HT\"" },
        { "xmpp", ["<streams'>", ">" + XmppHead + "<stream:features/>"], "declined", "does not offer" },
        { "xmpp", ["<streams'>", ">" + XmppHead + "<stream:error><host-unknown/></stream:error>"], "declined", "host-unknown" },
        {
            "xmpp",
            ["<streams'>", ">" + XmppHead + XmppOffer, "<xmpp-tls'/>", "><failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
            "declined", "<failure"
        },
        { "xmpp", ["<streams'>", ">220 smtp\r\n"], "silent", "220 smtp" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_server_that_goes_on_to_TLS_is_described(string protocol, string[] script)
    {
        await using var server = new ScriptedServer(stream => ServeAsync(stream, script, thenTls: true));
        string[] arguments = [$"localhost:{server.Port}", "--starttls", protocol, .. files.Mutual];
        JsonElement json = await ProbeOutcome.JsonAsync(arguments);
        Assert.Equal("ok", json.GetProperty("outcome").GetString());
        Assert.Equal(protocol, json.GetProperty("target").GetProperty("startTls").GetString());
        Assert.Equal("accepted", json.GetProperty("startTls").GetProperty("result").GetString());
        Assert.True(json.GetProperty("server").GetProperty("verified").GetBoolean());
        Assert.True(json.GetProperty("client").GetProperty("asked").GetBoolean());
        Assert.Equal("silent", json.GetProperty("answer").GetProperty("result").GetString());
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_server_that_does_not_gets_its_sentence(string protocol, string[] script, string result, string words)
    {
        await using var server = new ScriptedServer(stream => ServeAsync(stream, script, thenTls: false));
        JsonElement json = await ProbeOutcome.JsonAsync(
            [$"localhost:{server.Port}", "--starttls", protocol, "--handshake-timeout", "1500ms", .. files.Mutual]);
        Assert.Equal($"starttls-{result}", json.GetProperty("outcome").GetString());
        Assert.Equal(result, json.GetProperty("startTls").GetProperty("result").GetString());
        Assert.Equal(ExitCode.TlsRefused, json.GetProperty("exitCode").GetInt32());
        JsonElement finding = Assert.Single(json.GetProperty("findings").EnumerateArray());
        Assert.Contains(words, finding.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task The_text_names_the_step()
    {
        await using var server = new ScriptedServer(stream => ServeAsync(stream, ["<\u002f", ">S"], thenTls: true));
        string text = await ProbeOutcome.TextAsync(
            ExitCode.Success, [$"localhost:{server.Port}", "--starttls", "postgres", "--alpn", "postgresql", .. files.Mutual]);
        Assert.Contains("(STARTTLS of PostgreSQL, TLS 1.2 or later, mutual)", text, StringComparison.Ordinal);
        Assert.Contains("STARTTLS      accepted after ", text, StringComparison.Ordinal);
        Assert.Contains("none was chosen (offered postgresql)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("mysql")]
    [InlineData("smtp")]
    [InlineData("imap")]
    [InlineData("ldap")]
    [InlineData("xmpp")]
    public async Task Whatever_a_server_says_is_bounded_and_makes_nothing_throw(string protocol)
    {
        var random = new Random(protocol.Length);
        for (int i = 0; i < 6; i++)
        {
            byte[] noise = new byte[i < 5 ? random.Next(1, 200) : 200_000];
            random.NextBytes(noise);
            if (i == 5) Array.Fill(noise, (byte)'x');
            if (i == 4 && protocol == "ldap") noise[0] = 0x30;
            await using var server = new ScriptedServer(async stream => await stream.WriteAsync(noise));
            JsonElement json = await ProbeOutcome.JsonAsync(
                [$"localhost:{server.Port}", "--starttls", protocol, "--handshake-timeout", "5s", .. files.Mutual]);
            Assert.Equal(ExitCode.TlsRefused, json.GetProperty("exitCode").GetInt32());
            Assert.DoesNotContain(json.GetProperty("findings")[0].GetProperty("message").GetString()!, char.IsControl);
        }
    }

    private async Task ServeAsync(Stream stream, string[] script, bool thenTls)
    {
        foreach (string step in script)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(step[1..]);
            if (step[0] == '!') return;
            if (step[0] == '>') await stream.WriteAsync(bytes);
            else await ReadUntilAsync(stream, bytes);
        }

        if (thenTls) await TlsAsync(stream);
        else await stream.CopyToAsync(Stream.Null);
    }

    private static async Task ReadUntilAsync(Stream stream, byte[] end)
    {
        var read = new List<byte>();
        byte[] one = new byte[1];
        while (read.Count < end.Length || !read[^end.Length..].SequenceEqual(end))
        {
            if (await stream.ReadAsync(one) == 0) throw new IOException("The client has gone.");
            read.Add(one[0]);
        }
    }

    private async Task TlsAsync(Stream stream)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = files.ServerCertificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        await tls.CopyToAsync(Stream.Null);
    }

    private static string MySqlGreeting(ushort capabilities)
    {
        string body = $"\n8.0.36\0\u0001\0\0\0abcdefgh\0{(char)(capabilities & 0xFF)}{(char)(capabilities >> 8)}-\u0002\0\0\0";
        return $"{(char)body.Length}\0\0\0{body}";
    }

    private static string LdapAnswer(int code, string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 24, isConstructed: true)))
            {
                writer.WriteEnumeratedValue((Result)code);
                writer.WriteOctetString([]);
                writer.WriteOctetString(Encoding.UTF8.GetBytes(text));
            }
        }

        return Encoding.Latin1.GetString(writer.Encode());
    }

    private enum Result
    {
        Success,
    }
}
