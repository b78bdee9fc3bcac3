using System.Globalization;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>
/// What is wrong with a web server's response. Under TLS 1.3 this is also where a client learns that its certificate was refused.
/// </summary>
internal static class HeadFindings
{
    // What web servers answer to a client whose certificate they do not accept, if they do not refuse it in the handshake.
    private static readonly int[] Refusals = [400, 401, 403, 495, 496];

    public static IEnumerable<Finding> Of(ProbeFacts facts, HeadResult head)
    {
        EchoResult contact = head.Contact;
        bool isTls = facts.Tls is not null;
        bool isBegun = contact.Answer.Length > 0;
        return contact.End switch
        {
            EchoEnd.Echoed => [],
            EchoEnd.Silent => [Silent(facts)],
            _ when head.Failure is { } failure =>
            [
                Diagnosis.Error(
                    failure.ExitCode, failure.Kind.Replace(' ', '-').ToLowerInvariant(), failure.Detail,
                    "It is no web server, or a faulty one. A service that is none is probed as host:port --no-echo."),
            ],
            EchoEnd.Alert or EchoEnd.CutOff when isTls && !isBegun => ClientCertificateFindings.Refused(facts, contact.Alert),
            EchoEnd.Closed or EchoEnd.CutOff when !isTls && !isBegun =>
            [
                Diagnosis.Error(
                    ExitCode.TlsRefused, "closed-at-first-message", "The server closed the connection at the request.",
                    "It probably wants TLS (https://), or is at its limit of connections."),
            ],
            EchoEnd.Closed =>
            [
                Diagnosis.Error(
                    ExitCode.ServerClosed, "closed-before-response", "The server closed in order, and did not answer the request.",
                    "It is no web server, or it is about to stop. Its log says why."),
            ],
            _ =>
            [
                Diagnosis.Error(
                    ExitCode.ConnectionLost, "connection-lost", "The connection was lost in the middle of the response.",
                    "The server died or was killed, or something on the way ended the connection."),
            ],
        };
    }

    /// <summary>True for a status by which a web server may say that it does not accept the client's certificate.</summary>
    public static bool MayBeRefusal(int status) => Refusals.Contains(status);

    /// <summary>The warning about such a status.</summary>
    public static Finding Refusal(ProbeFacts facts, int status)
    {
        string advice = facts.Settings.Tls.Identity is null
            ? "If it wants a client certificate, show one: --tls mutual with --cert and --key."
            : "If that is about the client's certificate, its list of CAs or of users does not hold this one. Its log says which.";
        return new(
            Severity.Warning, "http-status",
            string.Create(
                CultureInfo.InvariantCulture,
                $"The server answered with status {status}: some web servers refuse clients so, after a handshake that succeeded."),
            advice);
    }

    private static Finding Silent(ProbeFacts facts)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{facts.Settings.EchoTimeout.TotalSeconds:0.###} s");
        return Diagnosis.Error(
            ExitCode.ConnectionLost, "response-timeout", $"No response came within {time}.",
            "It is no web server, or it is overloaded. --echo-timeout gives it longer.");
    }
}
