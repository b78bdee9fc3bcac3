namespace RawEcho.Client.StartTls;

/// <summary>Ends a conversation that does not lead to TLS.</summary>
internal sealed class StartTlsException(StartTlsFault fault, string message) : Exception(message)
{
    public StartTlsProblem Problem { get; } = new(fault, message);
}
