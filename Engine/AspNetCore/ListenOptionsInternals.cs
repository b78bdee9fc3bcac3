using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// What Kestrel keeps for itself about TLS of an endpoint: from it come the scheme of the address that it shows, and whether HTTP/2 may
/// stand beside HTTP/1.1. A later version may lack these members; then nothing is known here, and nothing set.
/// </summary>
internal static class ListenOptionsInternals
{
    /// <summary>Whether UseHttps was called, and has been carried out as far as it is by now.</summary>
    public static bool UsesHttps(ListenOptions endpoint) =>
        TryGet(endpoint, static e => GetHttpsOptions(e) is not null || GetCallbackOptions(e) is not null);

    /// <summary>Whether the endpoint is marked as one with TLS.</summary>
    public static bool IsTls(ListenOptions endpoint) => TryGet(endpoint, static e => GetIsTls(e));

    /// <summary>Marks the endpoint as one with TLS.</summary>
    public static void MarkAsTls(ListenOptions endpoint) => TryGet(endpoint, static e =>
    {
        SetIsTls(e, true);
        return true;
    });

    private static bool TryGet(ListenOptions endpoint, Func<ListenOptions, bool> ask)
    {
        try
        {
            return ask(endpoint);
        }
        catch (MissingMethodException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsTls")]
    private static extern bool GetIsTls(ListenOptions endpoint);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_IsTls")]
    private static extern void SetIsTls(ListenOptions endpoint, bool value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_HttpsOptions")]
    private static extern HttpsConnectionAdapterOptions? GetHttpsOptions(ListenOptions endpoint);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_HttpsCallbackOptions")]
    private static extern TlsHandshakeCallbackOptions? GetCallbackOptions(ListenOptions endpoint);
}
