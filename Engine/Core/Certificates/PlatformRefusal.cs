using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// What the cryptography of Windows says no to. That need not be the fault of the bytes: a key may be of a kind that it cannot use, so
/// nobody is told that the key is damaged. OpenSSL does all that is asked of it here.
/// </summary>
internal static class PlatformRefusal
{
    // FACILITY_SECURITY of winerror.h (NTE_NOT_SUPPORTED and the like); failures of ntstatus.h, as .NET marks them.
    private const uint Upper = 0xFFFF0000, OfSecurity = 0x80090000, OfStatus = 0xC1000000;

    /// <summary>True for a failure that has a code of Windows, and not one of .NET's own decoding.</summary>
    public static bool Is(Exception failure) =>
        OperatingSystem.IsWindows() && failure is CryptographicException && ((uint)failure.HResult & Upper) is OfSecurity or OfStatus;
}
