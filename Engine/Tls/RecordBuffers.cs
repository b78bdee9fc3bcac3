using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Asks OpenSSL to give back a connection's record buffers whenever they are empty (SSL_MODE_RELEASE_BUFFERS, see
/// SSL_CTX_set_mode(3)): an idle connection needs none, and they are a third of its memory. SslStream has no such option, so the
/// flag is set on the handles behind it. It is only a flag; when to free is OpenSSL's own decision, between two of its calls.
/// Where the internals are not those that this class knows, it does nothing.
/// </summary>
internal static unsafe class RecordBuffers
{
    private const int SslCtrlMode = 33;
    private const int SslModeReleaseBuffers = 0x10;
    private const BindingFlags Inner = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly FieldInfo? Connection = typeof(SslStream).GetField("_securityContext", Inner);
    private static readonly Type? ConnectionHandle = typeof(SslStream).Assembly.GetType("Microsoft.Win32.SafeHandles.SafeSslHandle");
    private static readonly FieldInfo? Context = ConnectionHandle?.GetField("SslContextHandle", Inner);
    private static readonly delegate* unmanaged<nint, int, nint, nint, nint> SslCtrl;
    private static readonly delegate* unmanaged<nint, int, nint, nint, nint> SslContextCtrl;

    // The very library that the platform uses: another copy or version would not know the structures behind the handles.
    static RecordBuffers()
    {
        if (!OperatingSystem.IsLinux() || Connection is null || ConnectionHandle is null || Context is null) return;
        long version = SafeEvpPKeyHandle.OpenSslVersion;
        if (version >> 28 != 3 || !NativeLibrary.TryLoad("libssl.so.3", out nint library)) return;
        if (!NativeLibrary.TryGetExport(library, "OpenSSL_version_num", out nint number)
            || !NativeLibrary.TryGetExport(library, "SSL_ctrl", out nint ssl)
            || !NativeLibrary.TryGetExport(library, "SSL_CTX_ctrl", out nint context)) return;
        if (((delegate* unmanaged<nuint>)number)() != (nuint)version) return;
        SslCtrl = (delegate* unmanaged<nint, int, nint, nint, nint>)ssl;
        SslContextCtrl = (delegate* unmanaged<nint, int, nint, nint, nint>)context;
    }

    /// <summary>From now on for this connection, and from the start for those that will share its SSL_CTX.</summary>
    /// <param name="stream">Its handshake is complete, and nothing reads or writes.</param>
    /// <returns>False when nothing was done.</returns>
    public static bool ReleaseWhenEmpty(SslStream stream)
    {
        if (SslCtrl is null || Connection!.GetValue(stream) is not SafeHandle connection || connection.GetType() != ConnectionHandle) return false;
        return SetMode(SslCtrl, connection) && Context!.GetValue(connection) is SafeHandle context && SetMode(SslContextCtrl, context);
    }

    private static bool SetMode(delegate* unmanaged<nint, int, nint, nint, nint> ctrl, SafeHandle handle)
    {
        if (handle.IsInvalid) return false;
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return (ctrl(handle.DangerousGetHandle(), SslCtrlMode, SslModeReleaseBuffers, 0) & SslModeReleaseBuffers) != 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }
}
