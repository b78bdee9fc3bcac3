using System.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Certs.UnitTests;

/// <summary>An option that is declared is read.</summary>
public class OptionTests
{
    [Fact]
    public void Every_option_is_read()
    {
        RootCommand root = CertsCommand.Create();
        (IReadOnlyList<string> bound, IReadOnlyList<string> bypassed) = OptionAudit.BindAll(root, name => name switch
        {
            "show" => ["some.pem"],
            "revoke" => ["--serial", "01"],
            "issue" => ["--name", "one"],
            _ => [],
        });
        Assert.Equal(root.Subcommands.Count, bound.Count);
        Assert.Empty(bypassed);
    }
}
