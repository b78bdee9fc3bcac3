using RawEcho.Engine.Tls;

namespace RawEcho.Server.Http;

/// <summary>
/// HTTP as the rest of the server sees it. No type of ASP.NET Core stands here, so that a server without HTTP loads none of it.
/// </summary>
internal interface IHttpService : IAsyncDisposable
{
    /// <summary>Requests answered so far.</summary>
    long Requests { get; }

    /// <summary>What is said of it when the server has stopped.</summary>
    IEnumerable<string> Statistics { get; }

    /// <summary>Changes certificate, roots, lists or allow-list; returns how many connections that ended.</summary>
    int Update(TlsServerOptions options);

    /// <summary>
    /// Accepts no more, answers the requests that were begun, and closes connections that are idle; what is left is aborted when the time
    /// is over.
    /// </summary>
    Task StopAsync(TimeSpan drain);
}
