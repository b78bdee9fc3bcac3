using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Has OpenSSL give back what an idle connection does not need, a third of its memory: the record buffers whenever they are empty
/// (SSL_MODE_RELEASE_BUFFERS, see SSL_CTX_set_mode(3)), and what the memory BIOs between SslStream and OpenSSL keep of the largest
/// flight of the handshake (BIO_set_mem_buf, see BIO_s_mem(3)). SslStream has no such option, so this is done to the handles behind
/// it, by OpenSSL's public functions. Where the internals are not those that this class knows, it does nothing.
/// </summary>
internal static partial class OpenSslMemory
{
    // openssl/ssl.h, openssl/bio.h: what the macros of the manual stand for.
    private const int SslCtrlMode = 33;
    private const int SslModeReleaseBuffers = 0x10;
    private const int BioTypeMem = 0x401;
    private const int BioCtrlPending = 10;
    private const int BioSetBufMem = 114;
    private const int BioClose = 1;

    private const string Ssl = OpenSslLibrary.Ssl;
    private const string Crypto = OpenSslLibrary.Crypto;
    private const BindingFlags Inner = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly FieldInfo? Context = OpenSslSession.HandleType?.GetField("SslContextHandle", Inner);

    /// <summary>Once for each connection; the record buffers also for those that will share its SSL_CTX.</summary>
    /// <param name="stream">Its handshake is complete, and nothing reads or writes.</param>
    /// <returns>False when something was left as it was.</returns>
    public static bool ReleaseWhenEmpty(SslStream stream)
    {
        if (Context is null || OpenSslSession.HandleOf(stream) is not { } ssl) return false;
        if (Context.GetValue(ssl) is not SafeHandle { IsInvalid: false } context) return false;
        bool held = false;
        try
        {
            ssl.DangerousAddRef(ref held);
            return TryRenew(SSL_get_rbio(ssl))
                & TryRenew(SSL_get_wbio(ssl))
                & IsReleasing(SSL_ctrl(ssl, SslCtrlMode, SslModeReleaseBuffers, 0))
                & IsReleasing(SSL_CTX_ctrl(context, SslCtrlMode, SslModeReleaseBuffers, 0));
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held) ssl.DangerousRelease();
        }
    }

    // A memory BIO grows and never shrinks. Its buffer can be exchanged while it is empty; data may already stand behind the last flight.
    private static bool TryRenew(nint bio)
    {
        if (bio == 0 || BIO_method_type(bio) != BioTypeMem || BIO_ctrl(bio, BioCtrlPending, 0, 0) != 0) return false;
        nint buffer = BUF_MEM_new();
        return buffer != 0 && BIO_ctrl(bio, BioSetBufMem, BioClose, buffer) == 1;
    }

    private static bool IsReleasing(nint mode) => (mode & SslModeReleaseBuffers) != 0;

    [LibraryImport(Ssl)]
    private static partial nint SSL_ctrl(SafeHandle ssl, int command, nint number, nint pointer);

    [LibraryImport(Ssl)]
    private static partial nint SSL_CTX_ctrl(SafeHandle context, int command, nint number, nint pointer);

    [LibraryImport(Ssl)]
    private static partial nint SSL_get_rbio(SafeHandle ssl);

    [LibraryImport(Ssl)]
    private static partial nint SSL_get_wbio(SafeHandle ssl);

    [LibraryImport(Crypto)]
    private static partial int BIO_method_type(nint bio);

    [LibraryImport(Crypto)]
    private static partial nint BIO_ctrl(nint bio, int command, nint number, nint pointer);

    [LibraryImport(Crypto)]
    private static partial nint BUF_MEM_new();
}
