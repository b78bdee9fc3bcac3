using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>What is wrong with a service that does not echo: that it ends the connection where it should wait for its client.</summary>
internal static class SilenceFindings
{
    public static IEnumerable<Finding> Of(ProbeFacts facts, EchoResult silence) => silence.End switch
    {
        EchoEnd.Alert or EchoEnd.CutOff when facts.Tls is not null => ClientCertificateFindings.Refused(facts, silence.Alert),
        EchoEnd.Closed or EchoEnd.CutOff =>
        [
            Diagnosis.Error(
                ExitCode.ServerClosed, "closed-after-connect", "The server closed the connection before it was sent anything.",
                "It may be at its limit of connections, or let in certain clients only. Its log says which."),
        ],
        _ => [],
    };
}
