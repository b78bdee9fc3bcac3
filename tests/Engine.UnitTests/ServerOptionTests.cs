using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

/// <summary>An option of the server that is declared is read.</summary>
public class ServerOptionTests
{
    [Theory]
    [InlineData("", "localhost:7443", "")]
    [InlineData("--listen 10.0.0.1", "10.0.0.1:7443", "")]
    [InlineData("--http :8443", "", "[::]:8443")]
    [InlineData("--http :8443 --listen :7443", "[::]:7443", "[::]:8443")]
    public void The_server_listens_on_localhost_unless_it_is_told_where(string line, string listen, string http)
    {
        RootCommand root = ServerCommand.Create();
        ParseResult parsed = root.Parse(["--tls", "none", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var settings = (ServerSettings)((BoundAction)root.Action!).Bind(parsed);
        Assert.Equal(listen, string.Join(' ', settings.Listen));
        Assert.Equal(http, string.Join(' ', settings.Http));
    }

    [Fact]
    public void Every_option_of_the_server_is_read()
    {
        (IReadOnlyList<string> bound, IReadOnlyList<string> bypassed) = OptionAudit.BindAll(ServerCommand.Create(), _ => ["--tls", "none"]);
        Assert.Single(bound);
        Assert.Empty(bypassed);
    }
}
