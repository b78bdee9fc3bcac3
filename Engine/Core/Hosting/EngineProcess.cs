using RawEcho.Engine.Tls;

namespace RawEcho.Engine.Hosting;

/// <summary>What the engine sets for the whole process. A program calls <see cref="Configure"/> once, before it opens a socket.</summary>
/// <remarks>
/// Constructing a <see cref="ConnectionHost"/> changes nothing outside of it. The first Listen or
/// ConnectAsync of a process that has not called <see cref="Configure"/> applies the defaults.
/// </remarks>
public static class EngineProcess
{
    /// <summary>
    /// Event loops of this process, count; 0 before <see cref="Configure"/>, and without <see cref="EngineProcessOptions.UseEventLoops"/>.
    /// </summary>
    public static int EventLoops => Transport.EventLoops.Count;

    /// <summary>True once <see cref="Configure"/> was called, or its defaults were applied.</summary>
    public static bool IsConfigured => Transport.EventLoops.IsDecided;

    /// <summary>
    /// True when OpenSSL keeps no sessions of servers in this process: since <see cref="Configure"/>, or the first connection. False before
    /// that, and where the TLS library is not OpenSSL 3: then a peer that was
    /// refused may leave its session and its certificate chain in memory, as far as that library keeps them. Sessions are resumed by
    /// tickets (RFC 8446 section 4.6.1) either way.
    /// </summary>
    public static bool IsServerSessionCacheOff => SessionCache.IsOff;

    /// <summary>
    /// Limits the heaps of the C library ("arenas") to one a processor, so that the peaks of many threads do not add up. Call it first:
    /// heaps that are there already stay. Where MALLOC_ARENA_MAX is set, whoever set it decides (mallopt(3)).
    /// </summary>
    /// <returns>False where the C library is not glibc, or the variable is set.</returns>
    public static bool LimitNativeHeaps() => NativeHeap.LimitArenas();

    /// <summary>
    /// Limits the cipher suites of this process under TLS 1.2 to those with forward secrecy and authenticated encryption (RFC 9325 section
    /// 4.2); those of TLS 1.3 all have both. Call it before anything of System.Security.Cryptography or System.Net.Security is used: .NET
    /// reads OpenSSL's defaults once.
    /// </summary>
    /// <returns>
    /// True when the limit is in force. False on other systems than Linux, with another TLS library than OpenSSL 3, and where the variable
    /// OPENSSL_CONF names a configuration, which then decides.
    /// </returns>
    public static bool LimitTlsSuites() => TlsSuites.Limit();

    /// <summary>
    /// Keeps .NET from reading the system's trusted roots in this process. The engine trusts only the authorities that it is given, but
    /// .NET parses all of the system's with the first chain: half of the start-up time of a native server, and 2 MB. Call it before
    /// anything builds a chain. HTTPS clients in the process then trust nobody whose root they are not given, and SSL_CERT_DIR and
    /// SSL_CERT_FILE do not count (https://docs.openssl.org/3.0/man3/X509_get_default_cert_file/).
    /// </summary>
    /// <returns>False on other systems than Linux.</returns>
    public static bool LeaveOutSystemRoots() => SystemRoots.LeaveOut();

    /// <summary>
    /// Raises the soft limit of open descriptors (RLIMIT_NOFILE) to the hard one, so that it does not limit the connections. The
    /// just-in-time runtime does so by itself when it starts; a native executable does not (setrlimit(2)).
    /// </summary>
    /// <returns>False where there is no such limit, or the system does not raise it.</returns>
    public static bool RaiseDescriptorLimit() => Descriptors.RaiseLimit();

    /// <summary>
    /// Sets the number of event loops, and turns off OpenSSL's cache of server sessions where that is possible. Asking again for the same,
    /// or for the defaults, changes nothing.
    /// </summary>
    /// <param name="options">What to set.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    /// <exception cref="InvalidOperationException">The process already works in another way.</exception>
    public static void Configure(EngineProcessOptions options)
    {
        if (options.Validated().UseEventLoops) Transport.EventLoops.Configure(options.EventLoops);
        else Transport.EventLoops.LeaveToThreadPool();
        SessionCache.TurnOff();
    }

    /// <summary>Applies the defaults, unless something was configured before.</summary>
    internal static void EnsureConfigured()
    {
        if (!IsConfigured) Configure(new EngineProcessOptions());
    }
}
