using System.Runtime.InteropServices;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Limits TLS 1.2 to suites with an ephemeral key exchange and authenticated encryption, for the whole process; all suites of
/// TLS 1.3 are such. On Linux .NET leaves that to OpenSSL's configuration, or allows CBC suites too; and a CipherSuitesPolicy would
/// cost an SSL_CTX for every connection. So the defaults that OpenSSL gives to every SSL_CTX are changed.
/// </summary>
internal static class TlsSuites
{
    private const string Suites = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    // Read in addition to the system's openssl.cnf, in memory: providers and engines of that stay as they are.
    private const string Configuration = $$"""
        rawecho = modules
        [modules]
        ssl_conf = ssl
        [ssl]
        system_default = tls
        [tls]
        MinProtocol = TLSv1.2
        CipherString = {{Suites}}

        """;

    private const string ApplicationName = "rawecho";
    private const string Library = "libcrypto.so.3";

    /// <summary>
    /// Limits the suites. Call it before anything of System.Security.Cryptography or System.Net.Security is used: .NET looks at OpenSSL's
    /// defaults once. Where OPENSSL_CONF is set, whoever set it decides; on Windows and macOS the system does.
    /// </summary>
    /// <returns>True when the limit is in force.</returns>
    public static bool Limit()
    {
        const ulong loadSystemConfiguration = 0x40; // OPENSSL_INIT_LOAD_CONFIG
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("OPENSSL_CONF") is { Length: > 0 }) return false;
        try
        {
            // First the system's, so that it does not come later and on top.
            if (OPENSSL_init_crypto(loadSystemConfiguration, 0) != 1) return false;
            return Load(Configuration);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another OpenSSL than 3: .NET's own choice stands.
            return false;
        }
    }

    private static bool Load(string text)
    {
        // The BIO reads where the text stands; on the managed heap it could be moved away under it.
        nint native = Marshal.StringToCoTaskMemUTF8(text);
        nint bio = BIO_new_mem_buf(native, -1);
        nint configuration = NCONF_new(0);
        try
        {
            return NCONF_load_bio(configuration, bio, out _) == 1 && CONF_modules_load(configuration, ApplicationName, 0) == 1;
        }
        finally
        {
            NCONF_free(configuration);
            _ = BIO_free(bio);
            Marshal.FreeCoTaskMem(native);
        }
    }

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OPENSSL_init_crypto(ulong options, nint settings);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint BIO_new_mem_buf(nint text, int length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int BIO_free(nint bio);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NCONF_new(nint method);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void NCONF_free(nint configuration);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NCONF_load_bio(nint configuration, nint bio, out nint errorLine);

    [DllImport(Library, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int CONF_modules_load(nint configuration, string applicationName, nuint flags);
}
