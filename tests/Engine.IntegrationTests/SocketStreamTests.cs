using RawEcho.Engine.Buffers;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class SocketStreamTests
{
    [Fact]
    public async Task Reads_that_always_find_data_let_others_have_their_turn()
    {
        const int reads = 1000;
        using SocketPair pair = await SocketPair.CreateAsync();
        var lifetime = new ConnectionLifetime(1, local: null, remote: null, new BufferPool(0));
        await using var stream = new SocketStream(pair.Near, new ReceiveOperation(), new SendOperation(), lifetime)
        {
            CompletesInline = true,
        };
        await pair.Far.SendAsync(new byte[reads]).WithinLimit();
        await TimeLimit.Until(() => pair.Near.Available == reads, "all is there");
        int yields = 0;
        for (int i = 0; i < reads; i++)
        {
            ValueTask<int> read = stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
            // The data was there: what is still to be taken was handed to the thread pool.
            if (!read.IsCompleted) yields++;
            Assert.Equal(1, await read.WithinLimit());
        }

        Assert.InRange(yields, 1, reads / 10);
    }
}
