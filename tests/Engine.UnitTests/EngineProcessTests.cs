using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

/// <summary>What is process-wide is set by one call.</summary>
public class EngineProcessTests
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    [Fact]
    public async Task Constructing_a_host_changes_nothing_outside_of_it()
    {
        // Nothing in this assembly listens or connects: what is set here was set by the constructor.
        await using var host = new ConnectionHost(new EngineOptions());
        await using var client = new EngineClient(tls: null);
        Assert.Equal(0, EngineProcess.EventLoops);
        Assert.Null(Environment.GetEnvironmentVariable(InlineCompletions));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_number_of_event_loops_that_cannot_be_is_refused(int count)
    {
        var refused = Assert.Throws<EngineOptionException>(() => EngineProcess.Configure(new EngineProcessOptions { EventLoops = count }));
        Assert.Equal(nameof(EngineProcessOptions.EventLoops), refused.ParamName);
        Assert.Equal(0, EngineProcess.EventLoops);
    }
}
