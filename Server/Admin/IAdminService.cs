using RawEcho.Engine.Tls;

namespace RawEcho.Server.Admin;

/// <summary>
/// The admin pages as the rest of the server sees them. No type of ASP.NET Core stands here, so that a server without them loads none of
/// it.
/// </summary>
internal interface IAdminService : IAsyncDisposable
{
    /// <summary>Changes certificate, roots, lists or allow-list; returns how many connections that ended.</summary>
    int Update(TlsServerOptions options);

    /// <summary>From now on /readyz says that the server is to get no new connections.</summary>
    void BeginDrain();

    /// <summary>Accepts no more, and ends what is open. A second call does nothing.</summary>
    Task StopAsync();
}
