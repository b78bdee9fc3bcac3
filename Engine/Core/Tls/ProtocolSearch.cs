using System.Net.Security;

namespace RawEcho.Engine.Tls;

/// <summary>
/// Looks in a ClientHello as it comes whether it names one of some application protocols. .NET refuses a client whose protocols are all
/// unknown as soon as there is a list, so the list is shown to those alone that name something on it. It is only a hint: OpenSSL
/// reads the extension and negotiates. Bytes that look like a name elsewhere do no harm but to their sender.
/// </summary>
/// <param name="names">The protocols.</param>
internal sealed class ProtocolSearch(IReadOnlyList<SslApplicationProtocol> names)
{
    // A name with the byte for its length in front (RFC 7301 section 3.1), as one that is cut by two reads has to be kept.
    private readonly byte[] _rest = new byte[2 * (names.Max(n => n.Protocol.Length) + 1)];
    private int _kept;

    /// <summary>One of them was named.</summary>
    public bool Found { get; private set; }

    /// <summary>Takes what has come.</summary>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        if (Found) return;
        int half = _rest.Length / 2;
        // The seam between what came before and what comes now.
        int more = Math.Min(half, bytes.Length);
        bytes[..more].CopyTo(_rest.AsSpan(_kept));
        Found = HasName(_rest.AsSpan(0, _kept + more)) || HasName(bytes);
        if (bytes.Length >= half)
        {
            bytes[^half..].CopyTo(_rest);
            _kept = half;
            return;
        }

        int all = _kept + more, keep = Math.Min(half, all);
        _rest.AsSpan(all - keep, keep).CopyTo(_rest);
        _kept = keep;
    }

    private bool HasName(ReadOnlySpan<byte> bytes)
    {
        foreach (SslApplicationProtocol name in names)
        {
            ReadOnlySpan<byte> wanted = name.Protocol.Span;
            int at = bytes.IndexOf(wanted);
            while (at >= 0)
            {
                if (at > 0 && bytes[at - 1] == wanted.Length) return true;
                int next = bytes[(at + 1)..].IndexOf(wanted);
                at = next < 0 ? -1 : at + 1 + next;
            }
        }

        return false;
    }
}
