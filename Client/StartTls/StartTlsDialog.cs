using System.Text;
using RawEcho.Client.Wire;
using RawEcho.Engine;

namespace RawEcho.Client.StartTls;

/// <summary>
/// The conversation in the clear before TLS. All that a server may say is bounded, and nothing of it may be left when TLS begins: bytes
/// behind the last answer would be taken for encrypted ones, which is how commands were once smuggled in (CVE-2011-0411).
/// </summary>
/// <param name="connection">The connection below TLS.</param>
internal sealed class StartTlsDialog(Connection connection)
{
    private const int LongestLine = 4096;
    private const int MostBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[MostBytes];
    private int _count;
    private int _taken;

    /// <summary>What has come and was not taken yet.</summary>
    private ReadOnlySpan<byte> Rest => _buffer.AsSpan(_taken, _count - _taken);

    /// <summary>The first words of what has come, as they may be shown; null when nothing has.</summary>
    public string? Said => _count == 0 ? null : Banner.Quote(_buffer.AsSpan(0, _count));

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => connection.WriteAsync(bytes).AsTask();

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Takes a line, without its end.</summary>
    /// <exception cref="StartTlsException">None came.</exception>
    public async Task<string> ReadLineAsync()
    {
        int end;
        while ((end = Rest.IndexOf((byte)'\n')) < 0)
        {
            if (Rest.Length > LongestLine) throw Unexpected("a line that does not end");
            await ReadMoreAsync();
        }

        string line = Encoding.Latin1.GetString(Rest[..end]).TrimEnd('\r');
        _taken += end + 1;
        return line;
    }

    /// <summary>Takes so many bytes.</summary>
    /// <exception cref="StartTlsException">They did not come.</exception>
    public async Task<byte[]> ReadAsync(int count)
    {
        if (count > MostBytes - _taken) throw Unexpected("a message that is longer than any should be");
        while (Rest.Length < count) await ReadMoreAsync();
        byte[] bytes = Rest[..count].ToArray();
        _taken += count;
        return bytes;
    }

    /// <summary>Takes text up to one of several ends, which are taken too.</summary>
    /// <exception cref="StartTlsException">None came.</exception>
    public async Task<string> ReadUntilAsync(params string[] ends)
    {
        while (true)
        {
            string text = Encoding.Latin1.GetString(Rest);
            int length = ends
                .Select(e => text.IndexOf(e, StringComparison.Ordinal) is >= 0 and var at ? at + e.Length : int.MaxValue)
                .Min();
            if (length < int.MaxValue)
            {
                _taken += length;
                return text[..length];
            }

            await ReadMoreAsync();
        }
    }

    /// <summary>Ends the conversation: from here on there is TLS.</summary>
    /// <exception cref="StartTlsException">The server has said more than that.</exception>
    public void End()
    {
        if (!Rest.IsEmpty) throw Unexpected("more behind its answer, where TLS begins");
    }

    /// <summary>The server said something else than it should, quoted as far as it can be shown.</summary>
    /// <param name="said">What it said, or a part of it.</param>
    public static StartTlsException Unexpected(ReadOnlySpan<byte> said) => Unexpected(Banner.Quote(said));

    /// <inheritdoc cref="Unexpected(ReadOnlySpan{byte})"/>
    public static StartTlsException UnexpectedText(string said) => Unexpected(Encoding.Latin1.GetBytes(said));

    /// <summary>The server does not go on to TLS.</summary>
    /// <param name="why">A sentence.</param>
    /// <param name="said">What it said; null for nothing.</param>
    public static StartTlsException Declined(string why, string? said = null) =>
        new(StartTlsFault.Declined, said is null ? why : $"{why} It said {Banner.Quote(Encoding.Latin1.GetBytes(said))}.");

    private static StartTlsException Unexpected(string what) => new(StartTlsFault.Unexpected, $"The server sent {what}.");

    private async Task ReadMoreAsync()
    {
        if (_count == _buffer.Length) throw Unexpected("more than any server should say here");
        int read = await connection.ReadAsync(_buffer.AsMemory(_count));
        if (read == 0)
        {
            string said = _count == 0 ? "without a word" : $"after it had said {Banner.Quote(_buffer.AsSpan(0, _count))}";
            throw new StartTlsException(StartTlsFault.Closed, $"The server closed the connection before TLS, {said}.");
        }

        _count += read;
    }
}
