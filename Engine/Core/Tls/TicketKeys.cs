using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawEcho.Engine.Tls;

/// <summary>
/// The keys with which the servers of this process encrypt session tickets (RFC 5077 section 4, RFC 8446 section 4.6.1). A ticket brings
/// back the identity that its peer had when it was given, for two hours. Whoever has renewed its certificate and still offers the ticket
/// would be refused as its former self for as long. With new keys no ticket can be decrypted that is out: the next handshake of each peer
/// is a full one, in which it shows what it has now.
/// </summary>
/// <remarks>
/// SslStream has no option for it, and shares an SSL_CTX among all that show the same certificate. So each SSL_CTX gets new keys
/// (SSL_CTX_set_tlsext_ticket_keys(3)) before its next SSL object is used, of which OpenSSL tells; see <see cref="SessionCache"/>.
/// </remarks>
internal static partial class TicketKeys
{
    // openssl/crypto.h, openssl/ssl.h: what the macros of the manual stand for.
    private const int IndexOfContext = 1;
    private const int SetKeys = 59;

    // A name, a key for HMAC-SHA256 and one for AES-256.
    private const int KeyBytes = 16 + 32 + 32;

    private static readonly Lock Changing = new();
    private static readonly Lazy<int> Index = new(() => OpenSslLibrary.IsPlatformsOwn ? CreateIndex() : -1);

    // Counts the renewals. What an SSL_CTX has taken over stands in its extra data, where nothing (0) means OpenSSL's own keys.
    private static int _generation;

    /// <summary>False where tickets cannot be ended before their time, because the TLS library of this process is not OpenSSL 3.</summary>
    public static bool CanRenew => SessionCache.IsOff && Index.Value >= 0;

    /// <summary>Makes every ticket that is out useless.</summary>
    public static void Renew()
    {
        if (CanRenew) Interlocked.Increment(ref _generation);
    }

    /// <summary>Gives an SSL_CTX the keys of now. Is called for each new SSL object, before its handshake.</summary>
    public static void BringUpToDate(nint context)
    {
        int generation = Volatile.Read(ref _generation);
        if (generation == 0 || SSL_CTX_get_ex_data(context, Index.Value) == generation) return;
        lock (Changing)
        {
            if (SSL_CTX_get_ex_data(context, Index.Value) == generation) return;
            // Another thread may encrypt a ticket right now, with keys that are half old: nobody can decrypt it, which is what old tickets
            // are meant to come to.
            Span<byte> keys = stackalloc byte[KeyBytes];
            RandomNumberGenerator.Fill(keys);
            if (SSL_CTX_ctrl(context, SetKeys, keys.Length, keys) == 1) _ = SSL_CTX_set_ex_data(context, Index.Value, generation);
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    private static int CreateIndex() => CRYPTO_get_ex_new_index(IndexOfContext, 0, 0, 0, 0, 0);

    [LibraryImport(OpenSslLibrary.Crypto)]
    private static partial int CRYPTO_get_ex_new_index(
        int classIndex, nint number, nint argument, nint created, nint duplicated, nint freed);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_CTX_get_ex_data(nint context, int index);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial int SSL_CTX_set_ex_data(nint context, int index, nint value);

    [LibraryImport(OpenSslLibrary.Ssl)]
    private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, Span<byte> keys);
}
