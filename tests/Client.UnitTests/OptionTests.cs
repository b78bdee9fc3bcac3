using System.CommandLine;
using System.Diagnostics;
using RawEcho.CommandLine;
using RawEcho.Testing;

namespace RawEcho.Client.UnitTests;

/// <summary>An option that is declared is read.</summary>
public class OptionTests
{
    [Fact]
    public void Every_option_of_the_client_is_read()
    {
        using var folder = new TempFolder();
        using var pki = new TestPki();
        string ca = folder.Write("ca.pem", pki.Roots[0].ExportCertificatePem());
        string[] tls = ["--tls", "server", "--ca", ca];
        (IReadOnlyList<string> bound, IReadOnlyList<string> bypassed) = OptionAudit.BindAll(ClientCommand.Create(), name => name switch
        {
            "merge" => ["result.json"],
            "compare" => ["old.json", "new.json"],
            "get" => ["https://localhost/", .. tls],
            "max" => [.. tls, "--p99", "5ms"],
            _ => tls,
        });
        Assert.Equal(["run", "get", "handshake", "max", "merge", "compare", "probe"], bound.Skip(1));
        Assert.Empty(bypassed);
    }

    [Fact]
    public void A_command_with_an_option_that_is_not_read_does_not_run()
    {
        var command = new Command("test");
        OptionSet.Attach<bool>(
            command,
            options =>
            {
                OptionReader<bool> read = options.Add(new Option<bool>("--read"));
                options.Add(new Option<bool>("--forgotten"));
                return parsed => read.Read(parsed);
            },
            _ => throw new UnreachableException());
        var action = (BoundAction)command.Action!;
        InvalidOperationException refused =
            Assert.Throws<InvalidOperationException>(() => { _ = action.InvokeAsync(command.Parse("--read"), CancellationToken.None); });
        Assert.Contains("--forgotten", refused.Message, StringComparison.Ordinal);
    }
}
