using System.Security.Cryptography;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Tells what the cryptography of Windows cannot do from what is wrong with the bytes that it was given. OpenSSL does all that is asked of
/// it here.
/// </summary>
internal static class PlatformRefusal
{
    // winerror.h: NTE_PERM, NTE_BAD_PROVIDER, NTE_FAIL, NTE_NOT_SUPPORTED. NTE_BAD_DATA and NTE_INVALID_PARAMETER are about the bytes.
    // ntstatus.h, as .NET marks them: STATUS_NOT_IMPLEMENTED, STATUS_NOT_SUPPORTED.
    private static readonly uint[] Codes = [0x80090010, 0x80090013, 0x80090020, 0x80090029, 0xC1000002, 0xC10000BB];

    /// <summary>True for a failure that another file of the same kind would meet, too.</summary>
    public static bool Is(Exception failure) =>
        OperatingSystem.IsWindows() && failure is CryptographicException && Codes.Contains((uint)failure.HResult);
}
