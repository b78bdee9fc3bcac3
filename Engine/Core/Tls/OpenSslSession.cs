using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// What OpenSSL knows of a session and SslStream does not tell, asked by its public functions through the handle behind the stream. Where
/// the internals are not those that this class knows, nothing is known.
/// </summary>
/// <param name="IsResumed">Whether an earlier session was resumed (SSL_session_reused(3)); null where it is not known.</param>
/// <param name="ServerName">The name that the client asked for (SSL_get_servername(3)); null for none, or where it is not known.</param>
internal readonly partial record struct OpenSslSession(bool? IsResumed, string? ServerName)
{
    // openssl/tls1.h: TLSEXT_NAMETYPE_host_name.
    private const int HostName = 0;
    private const string Ssl = OpenSslLibrary.Ssl;

    private static readonly FieldInfo? Connection =
        typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>The type of the handle behind an SslStream; null where it is not the one that is expected.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields)]
    public static Type? HandleType { get; } = Type.GetType("Microsoft.Win32.SafeHandles.SafeSslHandle, System.Net.Security");

    /// <summary>The handle behind a stream; null where there is none, or not of OpenSSL.</summary>
    public static SafeHandle? HandleOf(SslStream stream) =>
        OpenSslLibrary.IsPlatformsOwn && Connection?.GetValue(stream) is SafeHandle { IsInvalid: false } ssl && ssl.GetType() == HandleType
            ? ssl
            : null;

    /// <summary>
    /// Asks a stream whose handshake is complete. Neither answer changes any more, so it may be asked while the stream reads or writes.
    /// </summary>
    public static OpenSslSession Of(SslStream stream)
    {
        if (HandleOf(stream) is not { } ssl) return default;
        bool held = false;
        try
        {
            ssl.DangerousAddRef(ref held);
            return new(SSL_session_reused(ssl) == 1, ServerNameOf(ssl));
        }
        catch (ObjectDisposedException)
        {
            return default;
        }
        finally
        {
            if (held) ssl.DangerousRelease();
        }
    }

    /// <summary>
    /// Has a client not offer the session again that a handshake has resumed (SSL_CTX_remove_session(3)). Where nothing is known of it,
    /// nothing is done.
    /// </summary>
    public static void Forget(SslStream stream)
    {
        if (HandleOf(stream) is not { } ssl) return;
        bool held = false;
        try
        {
            ssl.DangerousAddRef(ref held);
            nint context = SSL_get_SSL_CTX(ssl), session = SSL_get_session(ssl);
            if (context != 0 && session != 0) _ = SSL_CTX_remove_session(context, session);
        }
        catch (ObjectDisposedException)
        {
            // Nobody resumes what was given up.
        }
        finally
        {
            if (held) ssl.DangerousRelease();
        }
    }

    // Most clients of a server ask for the same name.
    private static unsafe string? ServerNameOf(SafeHandle ssl)
    {
        byte* name = SSL_get_servername(ssl, HostName);
        return name is null ? null : SharedText.OfUtf8(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
    }

    [LibraryImport(Ssl)]
    private static partial int SSL_session_reused(SafeHandle ssl);

    [LibraryImport(Ssl)]
    private static partial nint SSL_get_SSL_CTX(SafeHandle ssl);

    [LibraryImport(Ssl)]
    private static partial nint SSL_get_session(SafeHandle ssl);

    [LibraryImport(Ssl)]
    private static partial int SSL_CTX_remove_session(nint context, nint session);

    [LibraryImport(Ssl)]
    private static unsafe partial byte* SSL_get_servername(SafeHandle ssl, int type);
}
