using System.Security.Cryptography;

namespace RawEcho.Engine.AspNetCore;

/// <summary>Identifiers of connections: unlike each other in this process, and unlike those of another one in the same log.</summary>
internal static class Identifiers
{
    private static long _last = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;

    public static string Next() => Interlocked.Increment(ref _last).ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
}
