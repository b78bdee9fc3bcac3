using RawEcho.Client.Http;
using RawEcho.Client.Load;
using RawEcho.Client.Targets;
using RawEcho.Engine;

namespace RawEcho.Client.Probe;

/// <summary>Asks a web server for the head of a response.</summary>
internal static class HeadCheck
{
    private static readonly RequestTemplate Template = new() { Http = HttpChoice.Negotiated, Method = HttpMethod.Head, Headers = [] };

    /// <param name="connection">Where the request goes.</param>
    /// <param name="url">What it asks for.</param>
    /// <param name="timeout">How long the response may take.</param>
    public static async Task<HeadResult> RunAsync(Connection connection, HttpUrl url, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        SingleRequest request = await SingleRequest.RunAsync(connection, url, Template, deadline.Token);
        await request.Exchange.EndAsync();
        ClientFailure? failure = request.Failure is HttpRequestException e ? HttpFailure.OfResponse(e, request.Exchange) : null;
        byte[] answer = request.Exchange.First.ToArray();
        EchoEnd end = EndOf(request, connection, deadline.Token);
        return new HeadResult(new EchoResult(end, First: null, Best: null, answer, AlertIn(request)), request, failure);
    }

    private static EchoEnd EndOf(SingleRequest request, Connection connection, CancellationToken deadline)
    {
        if (request.Status is not null) return EchoEnd.Echoed;
        if (deadline.IsCancellationRequested) return EchoEnd.Silent;
        if (AlertIn(request) is not null) return EchoEnd.Alert;
        return connection.EndOfStream == CloseReason.PeerClosed && request.Exchange.IsTls ? EchoEnd.Closed : EchoEnd.CutOff;
    }

    private static TlsAlert? AlertIn(SingleRequest request) => TlsAlert.In(request.Exchange.Fault);
}
