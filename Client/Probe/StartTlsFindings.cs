using RawEcho.Client.StartTls;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>Why a connection that begins in the clear did not come to TLS.</summary>
internal static class StartTlsFindings
{
    public static Finding Of(ProbeFacts facts, StartTlsProblem problem)
    {
        StartTlsProtocol protocol = facts.StartTls!.Protocol;
        (string code, string advice) = problem.Fault switch
        {
            StartTlsFault.Declined => (
                "starttls-declined",
                "Turn TLS on in the server, or dial the port where it speaks TLS from the first byte (without --starttls)."),
            StartTlsFault.Unexpected => ("starttls-unexpected", $"It is probably no {protocol.Title} server: is this its port?"),
            StartTlsFault.Closed => (
                "starttls-closed",
                $"It may be at its limit of connections, let in certain addresses only, or be no {protocol.Title} server. "
                    + "Its log says which."),
            _ => (
                "starttls-silent",
                $"It may speak TLS from the first byte (then leave out --starttls), be no {protocol.Title} server, or be overloaded. "
                    + "--handshake-timeout gives it longer."),
        };
        return Diagnosis.Error(ExitCode.TlsRefused, code, problem.Message, advice);
    }
}
