using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawEcho.Engine.Tls;

/// <summary>Whether OpenSSL 3 is the TLS library of this process, and can be called by its public functions.</summary>
internal static partial class OpenSslLibrary
{
    public const string Ssl = "libssl.so.3";
    public const string Crypto = "libcrypto.so.3";

    /// <summary>
    /// True when these are the very libraries that the platform uses. Another copy or version would not know the structures behind the
    /// platform's handles, and what it is told would have no effect on the platform's connections.
    /// </summary>
    public static bool IsPlatformsOwn { get; } = FindOut();

    private static bool FindOut()
    {
        if (!OperatingSystem.IsLinux()) return false;
        long version = SafeEvpPKeyHandle.OpenSslVersion;
        return version >> 28 == 3
            && NativeLibrary.TryLoad(Ssl, out _) && NativeLibrary.TryLoad(Crypto, out _)
            && OpenSSL_version_num() == (nuint)version;
    }

    [LibraryImport(Crypto)]
    private static partial nuint OpenSSL_version_num();
}
