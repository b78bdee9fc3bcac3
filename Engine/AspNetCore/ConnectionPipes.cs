using System.IO.Pipelines;

namespace RawEcho.Engine.AspNetCore;

/// <summary>A connection as the two pipes that Kestrel reads and writes.</summary>
internal sealed class ConnectionPipes(Connection connection, IPipeOwner owner, bool isMultiplexed) : IDuplexPipe
{
    public ConnectionReader Input { get; } = new(connection, owner);

    public ConnectionWriter Output { get; } = new(connection, owner, isMultiplexed);

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;
}
