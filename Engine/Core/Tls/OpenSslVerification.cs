using System.Runtime.InteropServices;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Keeps OpenSSL from evaluating the peers of this engine's handshakes. SslStream makes it do so and ignores what comes of it, but the
/// reasons stay in OpenSSL's error queue: where a signature does not verify, be it in a wrong copy of a CA that nobody needs, a
/// handshake of TLS 1.3 fails with them before anyone here has looked at the certificate (SSL_get_error(3): the queue must be empty).
/// </summary>
/// <remarks>
/// OpenSSL is asked to tell of every new SSL object (CRYPTO_get_ex_new_index(3)), which is before its handshake. Whose handshake it is
/// shows in the execution context: other users of OpenSSL in this process rely on its evaluation. SSL_CTX objects of SslStream are used
/// by SslStream alone.
/// </remarks>
internal static partial class OpenSslVerification
{
    private const int IndexOfSsl = 0; // openssl/crypto.h: CRYPTO_EX_INDEX_SSL
    private const int Goes = 1;

    private static readonly AsyncLocal<bool> IsOurs = new();
    private static readonly Lazy<bool> Hooked = new(() => OpenSslLibrary.IsPlatformsOwn && TryHook());

    /// <summary>
    /// Turns it off for the handshake that the calling asynchronous method is about to begin, where the TLS library is OpenSSL 3.
    /// </summary>
    public static void TurnOff()
    {
        if (Hooked.Value) IsOurs.Value = true;
    }

    private static unsafe bool TryHook() => CRYPTO_get_ex_new_index(IndexOfSsl, 0, 0, &OnNewSsl, null, null) >= 0;

    [UnmanagedCallersOnly]
    private static unsafe void OnNewSsl(nint ssl, nint pointer, nint data, int index, nint number, nint argument)
    {
        if (!IsOurs.Value) return;
        nint context = SSL_get_SSL_CTX(ssl);
        if (context != 0) SSL_CTX_set_cert_verify_callback(context, &LetPass, 0);
    }

    // SslStream asks for the verdict of PeerVerifier when the handshake is complete, and before a byte of data is taken.
    [UnmanagedCallersOnly]
    private static int LetPass(nint store, nint argument) => Goes;

    [LibraryImport(OpenSslLibrary.Crypto)]
    private static unsafe partial int CRYPTO_get_ex_new_index(
        int classIndex, nint number, nint argument, delegate* unmanaged<nint, nint, nint, int, nint, nint, void> created, void* duplicated,
        void* freed);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_get_SSL_CTX(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static unsafe partial void SSL_CTX_set_cert_verify_callback(
        nint context, delegate* unmanaged<nint, nint, int> callback, nint argument);
}
