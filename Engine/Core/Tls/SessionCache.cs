using System.Runtime.InteropServices;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Turns off the cache in which OpenSSL keeps the sessions of its servers. The cache holds up to 20,480 sessions for two hours, each with
/// the whole certificate chain of its peer, also of a peer that was refused: any stranger could fill the memory. Sessions can still be
/// resumed by tickets (RFC 5077, and RFC 8446 section 4.6.1), which their peers keep; only resumption by session ID (RFC 5246
/// section 7.4.1.2) ends. Clients of this process keep their sessions.
/// </summary>
/// <remarks>
/// SslStream has no option for it, and makes SSL_CTX objects of its own, more than one for a certificate. So OpenSSL is asked to tell of
/// every new SSL object (CRYPTO_get_ex_new_index(3)), which is before its handshake, and the cache of the SSL_CTX behind it is turned off
/// (SSL_CTX_set_session_cache_mode(3)). This applies to the whole process.
/// </remarks>
internal static partial class SessionCache
{
    // openssl/ssl.h, openssl/crypto.h: what the macros of the manual stand for.
    private const int IndexOfSsl = 0;
    private const int SetSessionCacheMode = 44;
    private const int GetSessionCacheMode = 45;
    private const nint CacheOfServers = 2;

    private static readonly Lazy<bool> Off = new(() => OpenSslLibrary.IsPlatformsOwn && TryTurnOff());

    /// <summary>True once <see cref="TurnOff"/> has turned it off.</summary>
    public static bool IsOff => Off is { IsValueCreated: true, Value: true };

    /// <summary>
    /// Turns the server's cache off, if that has not been done yet. A <see cref="TlsServerHandler"/> does it before its first handshake.
    /// </summary>
    /// <returns>
    /// False when that cannot be done here, because the TLS library of this process is not OpenSSL 3. What is kept of a session, and how
    /// much of it, is then that library's choice.
    /// </returns>
    public static bool TurnOff() => Off.Value;

    private static unsafe bool TryTurnOff() =>
        CRYPTO_get_ex_new_index(IndexOfSsl, 0, 0, &OnNewSsl, null, null) >= 0 && IsOffForNewConnections();

    // Looks at what OpenSSL really does with a context that is made as SslStream makes its own.
    private static bool IsOffForNewConnections()
    {
        nint context = SSL_CTX_new(TLS_server_method());
        if (context == 0) return false;
        nint ssl = 0;
        try
        {
            _ = SSL_CTX_ctrl(context, SetSessionCacheMode, CacheOfServers, 0);
            ssl = SSL_new(context);
            return ssl != 0 && (SSL_CTX_ctrl(context, GetSessionCacheMode, 0, 0) & CacheOfServers) == 0;
        }
        finally
        {
            SSL_free(ssl);
            SSL_CTX_free(context);
        }
    }

    [UnmanagedCallersOnly]
    private static void OnNewSsl(nint ssl, nint pointer, nint data, int index, nint number, nint argument)
    {
        nint context = SSL_get_SSL_CTX(ssl);
        if (context == 0) return;
        nint mode = SSL_CTX_ctrl(context, GetSessionCacheMode, 0, 0);
        if ((mode & CacheOfServers) != 0) _ = SSL_CTX_ctrl(context, SetSessionCacheMode, mode & ~CacheOfServers, 0);
        TicketKeys.BringUpToDate(context);
    }

    [LibraryImport(OpenSslLibrary.Crypto)]
    private static unsafe partial int CRYPTO_get_ex_new_index(
        int classIndex, nint number, nint argument, delegate* unmanaged<nint, nint, nint, int, nint, nint, void> created, void* duplicated,
        void* freed);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint TLS_server_method();

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_CTX_new(nint method);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial void SSL_CTX_free(nint context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_new(nint context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial void SSL_free(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_get_SSL_CTX(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, nint pointer);
}
