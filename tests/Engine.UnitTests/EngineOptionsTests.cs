namespace RawEcho.Engine.UnitTests;

public class EngineOptionsTests
{
    public static TheoryData<string, EngineOptions> Bad => new()
    {
        { nameof(EngineOptions.MaxConnections), new() { MaxConnections = 0 } },
        { nameof(EngineOptions.MaxConnectionsPerAddress), new() { MaxConnectionsPerAddress = -1 } },
        { nameof(EngineOptions.MaxHandshakes), new() { MaxHandshakes = -1 } },
        { nameof(EngineOptions.MaxHandshakeQueue), new() { MaxHandshakeQueue = -1 } },
        { nameof(EngineOptions.MaxHandshakeWait), new() { MaxHandshakeWait = TimeSpan.Zero } },
        { nameof(EngineOptions.MaxHandshakeBytes), new() { MaxHandshakeBytes = -1 } },
        { nameof(EngineOptions.MaxBytesWithoutData), new() { MaxBytesWithoutData = -1 } },
        { nameof(EngineOptions.MaxLifetime), new() { MaxLifetime = TimeSpan.Zero } },
        { nameof(EngineOptions.PreallocatedConnections), new() { PreallocatedConnections = -1 } },
        { nameof(EngineOptions.Backlog), new() { Backlog = 0 } },
        { nameof(EngineOptions.MaxBufferBytes), new() { MaxBufferBytes = -1 } },
        { nameof(EngineOptions.ConnectTimeout), new() { ConnectTimeout = TimeSpan.Zero } },
        { nameof(EngineOptions.IdleTimeout), new() { IdleTimeout = TimeSpan.FromSeconds(-5) } },
        { nameof(EngineOptions.WriteTimeout), new() { WriteTimeout = TimeSpan.FromDays(100) } },
        { nameof(EngineOptions.CloseTimeout), new() { CloseTimeout = TimeSpan.Zero } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_value_that_cannot_be_is_refused_by_the_name_of_its_property(string property, EngineOptions options)
    {
        var refused = Assert.Throws<EngineOptionException>(() => options.Validated());
        Assert.Equal(property, refused.ParamName);
        Assert.StartsWith(property, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_and_limits_that_are_off_are_accepted()
    {
        new EngineOptions().Validated();
        new EngineOptions { IdleTimeout = Timeout.InfiniteTimeSpan, WriteTimeout = Timeout.InfiniteTimeSpan }.Validated();
    }
}
