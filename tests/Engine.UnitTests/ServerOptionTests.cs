using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>An option of the server that is declared is read.</summary>
public class ServerOptionTests
{
    [Fact]
    public void Every_option_of_the_server_is_read()
    {
        (IReadOnlyList<string> bound, IReadOnlyList<string> bypassed) = OptionAudit.BindAll(ServerCommand.Create(), _ => ["--tls", "none"]);
        Assert.Single(bound);
        Assert.Empty(bypassed);
    }
}
