using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Certificates.Revocation;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Identity;

/// <summary>
/// Every kind of file x every fault of PEM: what begins is read, or named with its line. The good block is always the first one, so that a
/// reader that passes over the other has something to be content with.
/// </summary>
public sealed class PemTextTests : IDisposable
{
    private static readonly string[] Kinds = ["--ca", "chain", "key", "--crl", "one file"];

    // The second block of a file, and what is to be said of it.
    private static readonly Dictionary<string, (Func<string, string> Break, PemProblem Problem)> Faults = new()
    {
        ["cut off in its base64"] = (b => b[..(b.Length / 2)], PemProblem.CutOff),
        ["cut off in its end"] = (b => b[..^8], PemProblem.CutOff),
        ["cut off behind its beginning"] = (b => b[..(b.IndexOf('\n') + 1)], PemProblem.CutOff),
        ["without its beginning"] = (b => b[(b.IndexOf('\n') + 1)..], PemProblem.NotBegun),
        ["bad base64"] = (b => ChangeLine(b, 2, l => "!" + l[1..]), PemProblem.BadBase64),
        ["a line of base64 missing a character"] = (b => ChangeLine(b, 1, l => l[1..]), PemProblem.BadBase64),
        ["another one within"] = (b => ChangeLine(b, 2, l => $"{b.Split('\n')[0]}\n{l}"), PemProblem.NotEnded),
        ["another end"] = (b => b.Replace("-----END ", "-----END OTHER ", StringComparison.Ordinal), PemProblem.OtherEnd),
        ["four hyphens before BEGIN"] = (b => b[1..], PemProblem.BadMarker),
        ["four hyphens behind the label"] = (b => ChangeLine(b, 0, l => l[..^1]), PemProblem.BadMarker),
        ["six hyphens"] = (b => "-" + b, PemProblem.BadMarker),
        ["dashes of a word processor"] = (b => b.Replace("-----", "—–—–—", StringComparison.Ordinal), PemProblem.BadMarker),
        ["small letters"] = (b => ChangeLine(b, 0, l => l.ToLowerInvariant()), PemProblem.BadMarker),
        ["\\n for line breaks"] = (b => b.Replace("\n", "\\n", StringComparison.Ordinal), PemProblem.EscapedLineBreaks),
        ["JSON"] = (b => $"{{ \"pem\": \"{b.Replace("\n", "\\n", StringComparison.Ordinal)}\" }}", PemProblem.EscapedLineBreaks),
        ["behind other text"] = (b => "pem: " + b, PemProblem.BehindText),
        ["quoted"] = (b => "> " + b.Replace("\n", "\n> ", StringComparison.Ordinal), PemProblem.BehindText),
        ["empty"] = (b => $"{b.Split('\n')[0]}\n{b.Split('\n')[^1]}", PemProblem.Empty),
        ["no line break before it"] = (b => "\b" + b, PemProblem.NoLineBreak),
    };

    private static readonly Dictionary<string, Func<string, string>> Harmless = new()
    {
        ["as it is"] = b => b,
        ["a byte order mark"] = b => "\uFEFF" + b,
        ["a byte order mark before each"] = b => "\uFEFF" + b.Replace("\n-----BEGIN", "\n\uFEFF-----BEGIN", StringComparison.Ordinal),
        ["CR LF"] = b => b.Replace("\n", "\r\n", StringComparison.Ordinal),
        ["CR"] = b => b.Replace('\n', '\r'),
        ["indented"] = b => "    " + b.Replace("\n", "\n    ", StringComparison.Ordinal),
        ["trailing spaces"] = b => b.Replace("\n", " \t\n", StringComparison.Ordinal),
        ["text between"] = b =>
            "Subject: Straße & END of it\n" + b.Replace("\n-----BEGIN", "\n# a remark: x\n-----BEGIN", StringComparison.Ordinal),
        ["a block in remarks"] = b => b + "\n# -----BEGIN CERTIFICATE-----\n# MIIB\n# -----END CERTIFICATE-----\n",
        ["no line break at the end"] = b => b.TrimEnd('\n'),
        ["empty lines"] = b => "\n\n" + b.Replace("\n-----", "\n\n\n-----", StringComparison.Ordinal),
    };

    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new();
    private readonly X509Certificate2 _leaf;
    private readonly string _certificate, _key;

    public PemTextTests()
    {
        _leaf = _pki.Issue(new Leaf());
        _certificate = _leaf.ExportCertificatePem();
        _key = _leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
    }

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    public static TheoryData<string> HarmlessNames => [.. Harmless.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void A_block_that_cannot_be_read_is_named_in_every_file(string name)
    {
        (Func<string, string> breakIt, PemProblem problem) = Faults[name];
        foreach (string kind in Kinds)
        {
            string[] good = Blocks(kind);
            string bad = breakIt(good[1]);
            string text = bad.StartsWith('\b') ? good[0] + bad[1..] : $"{good[0]}\n{bad}\n";
            CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load(kind, text));
            Assert.True(failure.Problem == CertificateFileProblem.DamagedPem, $"{kind}: {failure.Message}");
            Assert.True(failure.Pem == problem, $"{kind}: {failure.Pem}: {failure.Message}");
            Assert.InRange(failure.Line!.Value, good[0].Split('\n').Length, text.Split('\n').Length);
            Assert.True(failure.DamagedBlocks >= 1);
            string sentence = ProblemText.Of(failure);
            Assert.StartsWith($"{failure.File}: line {failure.Line}: ", sentence, StringComparison.Ordinal);
            Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(HarmlessNames))]
    public void What_is_no_harm_is_read_in_every_file(string name)
    {
        foreach (string kind in Kinds)
        {
            string text = Harmless[name](string.Join('\n', Blocks(kind)) + "\n");
            int read = Load(kind, text);
            Assert.True(read == (kind is "key" or "one file" ? 1 : 2), $"{kind}: {read}");
        }
    }

    [Fact]
    public void All_that_cannot_be_read_are_counted()
    {
        string cut = _certificate[..^40];
        string text = $"{_certificate}\n{cut}\n{cut}\n{_certificate}\n{cut}";
        CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load("--ca", text));
        Assert.Equal(3, failure.DamagedBlocks);
        Assert.Equal(1 + _certificate.Split('\n').Length, failure.Line);
        Assert.Contains("Blocks that cannot be read: 3.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_bad_base64_is_the_line_itself()
    {
        string bad = ChangeLine(_certificate, 3, l => l[..5] + "*" + l[6..]);
        CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load("--ca", $"text\r\n\n{bad}"));
        Assert.Equal((PemProblem.BadBase64, 6), (failure.Pem, failure.Line));
    }

    [Theory]
    [InlineData("TRUSTED CERTIFICATE", "openssl x509")]
    [InlineData("PKCS7", "openssl pkcs7")]
    [InlineData("CMS", "openssl pkcs7")]
    public void Certificates_in_another_form_are_named(string label, string way)
    {
        string other = new(PemEncoding.Write(label, _leaf.RawData));
        CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load("--ca", $"{_certificate}\n{other}"));
        Assert.Equal((CertificateFileProblem.OtherForm, label), (failure.Problem, failure.Label));
        Assert.Contains(way, ProblemText.Of(failure), StringComparison.Ordinal);
    }

    [Fact]
    public void The_old_label_of_certificates_is_read() =>
        Assert.Equal(2, Load("--ca", $"{_certificate}\n{new string(PemEncoding.Write("X509 CERTIFICATE", _leaf.RawData))}"));

    [Fact]
    public void A_block_that_holds_something_else_is_named_with_its_line()
    {
        string wrong = new(PemEncoding.Write("CERTIFICATE", "Hello"u8));
        CertificateFileException certificate = Assert.Throws<CertificateFileException>(() => Load("--ca", $"{_certificate}\n{wrong}"));
        Assert.Equal(CertificateFileProblem.DamagedCertificate, certificate.Problem);
        Assert.Equal(1 + _certificate.Split('\n').Length, certificate.Line);
        CertificateFileException list = Assert.Throws<CertificateFileException>(
            () => Load("--crl", $"{_certificate}\n{new string(PemEncoding.Write("X509 CRL", "Hello"u8))}"));
        Assert.Equal(CertificateFileProblem.UnusableRevocationList, list.Problem);
        Assert.Equal(certificate.Line, list.Line);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", false)]
    public void UTF_16_is_named_as_such(string encoding, bool mark)
    {
        Encoding utf16 = Encoding.GetEncoding(encoding);
        foreach (string kind in Kinds)
        {
            byte[] bytes = [.. mark ? utf16.GetPreamble() : [], .. utf16.GetBytes(string.Join('\n', Blocks(kind)))];
            CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load(kind, bytes));
            Assert.Equal(CertificateFileProblem.Utf16, failure.Problem);
        }

        string list = _folder.Write("allowed", [.. mark ? utf16.GetPreamble() : [], .. utf16.GetBytes("cn:someone\n")]);
        Assert.Equal(
            CertificateFileProblem.Utf16, Assert.Throws<CertificateFileException>(() => PeerAllowList.ReadFile(list)).Problem);
    }

    [Fact]
    public void A_password_file_may_have_a_byte_order_mark_and_CR_LF()
    {
        foreach (string text in new[] { "secret", "secret\n", "\uFEFFsecret\r\nmore", "secret\rmore" })
            Assert.Equal("secret", new PasswordSource(null, _folder.Write("password", text)).Read());
        string utf16 = _folder.Write("password", Encoding.Unicode.GetBytes("\uFEFFsecret\r\n"));
        Assert.Equal(
            CertificateFileProblem.Utf16,
            Assert.Throws<CertificateFileException>(() => new PasswordSource(null, utf16).Read()).Problem);
    }

    [Fact]
    public void Every_part_of_a_file_is_read_or_named()
    {
        // Wherever a copy breaks off, the second block is not read as if it had never been there.
        string[] good = Blocks("--ca");
        string whole = $"{good[0]}\n{good[1]}";
        for (int length = good[0].Length + 2; length < whole.Length; length++)
        {
            CertificateFileException failure = Assert.Throws<CertificateFileException>(() => Load("--ca", whole[..length]));
            Assert.Equal(CertificateFileProblem.DamagedPem, failure.Problem);
        }
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _pki.Dispose();
        _folder.Dispose();
    }

    private string[] Blocks(string kind) => kind switch
    {
        "key" => [new string(PemEncoding.Write("EC PARAMETERS", [6, 8, 42, 134, 72, 206, 61, 3, 1, 7])), _key],
        "one file" => [_certificate, _key],
        "--crl" => [List(), List()],
        _ => [_certificate, _pki.CaPem],
    };

    private string List()
    {
        var builder = new CertificateRevocationListBuilder();
        byte[] list = builder.Build(_pki.Issuer, 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256);
        return new string(PemEncoding.Write("X509 CRL", list));
    }

    private int Load(string kind, string text) => Load(kind, Encoding.UTF8.GetBytes(text));

    /// <summary>How many of what the file is for were read.</summary>
    private int Load(string kind, byte[] bytes)
    {
        string file = _folder.Write("file.pem", bytes);
        switch (kind)
        {
            case "--ca":
                return TrustStore.Read(file).Count;
            case "--crl":
                return RevocationLists.Load([file], _pki.Roots).Count;
            case "chain":
                using (TlsIdentity chain = TlsIdentity.Load(file, _folder.Write("key.pem", _key), null))
                    return 1 + chain.Intermediates.Count;
            case "key":
                using (TlsIdentity.Load(_folder.Write("cert.pem", _certificate), file, null)) return 1;
            default:
                using (TlsIdentity.Load(file, null, null)) return 1;
        }
    }

    private static string ChangeLine(string block, int line, Func<string, string> change)
    {
        string[] lines = block.Split('\n');
        lines[line] = change(lines[line]);
        return string.Join('\n', lines);
    }
}
