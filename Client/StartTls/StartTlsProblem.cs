namespace RawEcho.Client.StartTls;

/// <summary>Why a connection did not come to TLS.</summary>
internal enum StartTlsFault
{
    /// <summary>The server says that it does not speak TLS here, or not now.</summary>
    Declined,

    /// <summary>The server said something else than its protocol says.</summary>
    Unexpected,

    /// <summary>The server closed the connection.</summary>
    Closed,

    /// <summary>The server did not say what it was waited for in time.</summary>
    Silent,
}

/// <summary>What went wrong before TLS.</summary>
/// <param name="Fault">What kind it is.</param>
/// <param name="Message">One sentence. What it quotes of the server is printable.</param>
internal sealed record StartTlsProblem(StartTlsFault Fault, string Message);
