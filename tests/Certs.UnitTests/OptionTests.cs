using System.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Certs.UnitTests;

/// <summary>An option that is declared is read.</summary>
public class OptionTests
{
    [Fact]
    public void Every_option_is_read()
    {
        Command[] commands =
        [
            CreateCommand.Build(), ShowCommand.Build(), CheckCommand.Build(),
            RenewCommand.Build(), RevokeCommand.Build(), ListCommand.Build(),
        ];
        var root = new Command("rawecho-certs");
        foreach (Command command in commands) root.Subcommands.Add(command);
        (IReadOnlyList<string> bound, IReadOnlyList<string> bypassed) = OptionAudit.BindAll(root, name => name switch
        {
            "show" => ["some.pem"],
            "revoke" => ["--serial", "01"],
            _ => [],
        });
        Assert.Equal(commands.Length, bound.Count);
        Assert.Empty(bypassed);
    }
}
