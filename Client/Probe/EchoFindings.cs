using System.Globalization;
using RawEcho.Client.Wire;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>What is wrong with the echo. Under TLS 1.3 this is also where a client learns that its certificate was refused.</summary>
internal static class EchoFindings
{
    public static IEnumerable<Finding> Of(ProbeFacts facts)
    {
        EchoResult echo = facts.Echo!;
        bool tls = facts.Tls is not null;
        bool begun = echo.First is not null || echo.Answer.Length > 0;
        return echo.End switch
        {
            EchoEnd.Echoed => [],
            EchoEnd.Differs => [Differs(facts, echo)],
            EchoEnd.Silent => [Silent(facts, begun)],
            EchoEnd.Alert or EchoEnd.CutOff when tls && !begun => ClientCertificateFindings.Refused(facts, echo.Alert),
            EchoEnd.Closed or EchoEnd.CutOff when !tls && !begun =>
            [
                Diagnosis.Error(
                    ExitCode.TlsRefused, "closed-at-first-message", "The server closed the connection at the first message.",
                    "It probably wants TLS (leave out --tls none), or is at its limit of connections."),
            ],
            EchoEnd.Closed =>
            [
                Diagnosis.Error(
                    ExitCode.ServerClosed, "closed-before-echo", "The server closed in order, and did not echo.",
                    "It is no echo server, or it is about to stop. Its log says why."),
            ],
            _ =>
            [
                Diagnosis.Error(
                    ExitCode.ConnectionLost, "connection-lost", "The connection was lost in the middle of an echo.",
                    "The server died or was killed, or something on the way ended the connection."),
            ],
        };
    }

    private static Finding Differs(ProbeFacts facts, EchoResult echo)
    {
        const byte alertRecord = 21;
        if (facts.Tls is null && echo.Answer is [alertRecord, 3, ..])
        {
            return Diagnosis.Error(
                ExitCode.TlsRefused, "speaks-tls", "The server answered with a TLS alert: it speaks TLS on this port.",
                "Leave out --tls none.");
        }

        string what = facts.Tls is null && Banner.Recognize(echo.Answer, []) is { } known ? $" It looks like {known}." : string.Empty;
        string letIn = facts.Tls is null ? string.Empty : " The handshake was accepted by both sides.";
        return Diagnosis.Error(
            ExitCode.Mismatch, "echo-differs",
            $"The server answered with something else than what it was sent: {Banner.Quote(echo.Answer)}.{what}",
            $"It is no echo server, or a faulty one.{letIn}");
    }

    private static Finding Silent(ProbeFacts facts, bool begun)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{facts.Settings.EchoTimeout.TotalSeconds:0.###} s");
        string what = begun ? "The echo stopped half way" : "No echo came";
        bool undecided = facts.Tls is not null && !begun && facts.Request.Asked != false;
        return Diagnosis.Error(
            ExitCode.ConnectionLost, "echo-timeout", $"{what}: the server sent nothing more for {time}.",
            undecided
                ? "It is no echo server, or it is overloaded. "
                    + "Whether it accepted the client's certificate cannot be told without an answer."
                : "It is no echo server, or it is overloaded. --echo-timeout gives it longer.");
    }
}
