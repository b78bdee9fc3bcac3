using RawEcho.Client.Http;
using RawEcho.Client.Load;

namespace RawEcho.Client.Probe;

/// <summary>What came of the HEAD request to a web server.</summary>
/// <param name="Contact">The same as of an echo: how the answer ended, and that there was one.</param>
/// <param name="Request">The request; its status is null when there was no response.</param>
/// <param name="Failure">Why what came is no response; null where the connection itself is to blame, or nothing.</param>
internal sealed record HeadResult(EchoResult Contact, SingleRequest Request, ClientFailure? Failure);
