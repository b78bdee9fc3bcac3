using System.Globalization;
using System.Security.Authentication;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;
using RawEcho.Engine.Tls;

namespace RawEcho.Client.Probe;

/// <summary>Why a handshake was not completed.</summary>
internal static class HandshakeFindings
{
    private const ushort Tls12 = 0x0303, Tls13 = 0x0304;

    public static IEnumerable<Finding> Of(ProbeFacts facts, TlsAttempt tls)
    {
        byte[] received = tls.Received;
        if (received.Length == 0 && (tls.TimedOut || tls.WasCutOff)) return [Wordless(facts, tls)];
        if (received.Length == 0) return [Failed(tls)];
        // An echo of the ClientHello begins as TLS does.
        if (!tls.Plain.IsTls || Banner.IsEcho(received, tls.Sent)) return [NotTls(tls, received)];
        ushort oldest = facts.Settings.Tls.Protocols.HasFlag(SslProtocols.Tls12) ? Tls12 : Tls13;
        if (tls.Plain.Version is { } version && version < oldest)
            return [TooOld(facts, $"The server chose {ProbeFacts.NameOfVersion(version)}, and this client allows {Allowed(facts)}.")];
        if (tls.Server is { Verdict.Accepted: false } server) return ServerCertificateFindings.Of(server, facts.Settings);
        TlsAlert? alert = TlsAlert.In(tls.Failure) ?? (tls.Plain.PlainAlert is { } number ? new TlsAlert(number) : null);
        // With its certificate the server has agreed to version and cipher: what it refuses after that is the client's certificate.
        if (alert is { } said)
        {
            return tls.Server is not null || said.IsAboutCertificate
                ? ClientCertificateFindings.Refused(facts, said)
                : [BeforeCertificate(facts, said)];
        }

        if (tls.TimedOut) return [HalfWay(facts)];
        // A certificate that this side has not shown yet cannot have been refused.
        if (tls.WasCutOff) return tls.Server is null || !tls.HasReplied ? [CutOff()] : ClientCertificateFindings.Refused(facts, null);
        return [Failed(tls)];
    }

    private static Finding Failed(TlsAttempt tls) => Refused(
        "handshake-failed",
        tls.Failure is { } failure ? HandshakeFailure.Describe(failure, "The handshake failed") : "The handshake failed.",
        advice: null);

    private static Finding Wordless(ProbeFacts facts, TlsAttempt tls) => tls.TimedOut
        ? Refused(
            "silent",
            $"The server took the connection and then said nothing for {Seconds(facts)}.",
            "It may not speak TLS on this port, wait for another protocol's first words, or be overloaded. "
                + "--handshake-timeout gives it longer.")
        : Refused(
            "closed-in-handshake",
            "The server closed the connection in answer to the TLS greeting, without a word.",
            "It may be at its limit of connections, let in certain addresses only, or not speak TLS on this port. Its log says which.");

    private static Finding HalfWay(ProbeFacts facts) => Refused(
        "handshake-timeout",
        $"The server began the handshake and did not complete it within {Seconds(facts)}.",
        "It may be overloaded, or something on the way swallows large packets. --handshake-timeout gives it longer.");

    private static Finding NotTls(TlsAttempt tls, byte[] received)
    {
        string? what = Banner.Recognize(received, tls.Sent);
        string looks = what is null ? string.Empty : $" It looks like {what}.";
        bool echoes = Banner.IsEcho(received, tls.Sent);
        string said = echoes ? string.Empty : $" It said {Banner.Quote(received)}.";
        string advice = echoes
            ? "Start the server with TLS, or probe it with --tls none."
            : "Dial the port where TLS is spoken, or name the protocol in which the server is asked for it (--starttls).";
        return Refused("not-tls", $"The server does not speak TLS on this port.{looks}{said}", advice);
    }

    private static Finding BeforeCertificate(ProbeFacts facts, TlsAlert alert) => alert.Number switch
    {
        TlsAlert.ProtocolVersion =>
            TooOld(facts, $"The server speaks none of the TLS versions that this client allows ({Allowed(facts)})."),
        TlsAlert.HandshakeFailure or TlsAlert.InsufficientSecurity => Refused(
            "no-common-ground", $"The server found no cipher, curve or signature in common with this client (alert {alert.Name}).",
            "Mostly the server's cipher list is too narrow, or its key is of a kind that its ciphers do not fit (RSA and ECDSA)."),
        TlsAlert.UnrecognizedName => Refused(
            "server-name-unknown", $"The server knows no '{facts.Settings.ServerName}' (alert {alert.Name}).",
            "Give the name that it is configured for with --server-name."),
        _ => Refused(
            "handshake-failed",
            $"The server ended the handshake with the alert {alert.Name}: {alert.Meaning ?? "it does not say why"}.",
            "Its log says more."),
    };

    private static Finding TooOld(ProbeFacts facts, string message)
    {
        bool couldAllowMore = !facts.Settings.Tls.Protocols.HasFlag(SslProtocols.Tls12);
        return Refused("protocol-too-old", message, couldAllowMore
            ? "Let the server speak TLS 1.3, or allow TLS 1.2 here (--tls-min 1.2)."
            : "Let the server speak TLS 1.2 or 1.3: older versions are broken (RFC 8996), and no option here allows them.");
    }

    private static Finding CutOff() => Refused(
        "closed-in-handshake", "The server cut the connection off in the middle of the handshake.",
        "It may have failed inside, or something on the way ended the connection. Its log says more.");

    private static Finding Refused(string code, string message, string? advice) =>
        Diagnosis.Error(ExitCode.TlsRefused, code, message, advice);

    private static string Allowed(ProbeFacts facts) =>
        facts.Settings.Tls.Protocols.HasFlag(SslProtocols.Tls12) ? "TLS 1.2 and 1.3" : "TLS 1.3 alone";

    private static string Seconds(ProbeFacts facts) =>
        string.Create(CultureInfo.InvariantCulture, $"{facts.Settings.Tls.HandshakeTimeout.TotalSeconds:0.###} s");
}
