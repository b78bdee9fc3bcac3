using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The READMEs of the tools: their commands, typed by somebody who has installed the tools.</summary>
public sealed class ToolPageTests(PackageFeed feed)
{
    [Theory]
    [InlineData("certs")]
    [InlineData("Server")]
    [InlineData("Client")]
    [InlineData("Diagnostics")]
    public async Task Every_command_does_what_it_is_there_for(string folder)
    {
        Requires.Linux("the commands are those of a Unix shell");
        PackagePage page = PackagePage.Read(folder);
        Assert.Equal($"rawecho-{folder.ToLowerInvariant()}", page.Tool);
        using var user = new PackageUser(feed);
        foreach (string tool in PackageFeed.Tools) await user.InstallAsync(tool);
        string port = FreePorts.Take(1)[0], server = $"--listen localhost:{port}";
        if (folder != "certs") await user.RunAsync("rawecho-certs create --dir pki");
        await using ProgramProcess? running = folder is "Client" or "Diagnostics"
            ? user.Start($"rawecho-server {server} --ca pki/ca.pem --cert pki/server.pem --key pki/server-key.pem")
            : null;
        if (running is not null) await running.WaitForLineAsync("Server started");

        foreach (string shown in page.Commands)
        {
            string command = shown
                .Replace("--listen :7443", server, StringComparison.Ordinal)
                .Replace("localhost:7443", $"localhost:{port}", StringComparison.Ordinal)
                .Replace("--duration 10s", "--duration 1s", StringComparison.Ordinal)
                .Replace("--duration 30s", "--duration 2s", StringComparison.Ordinal);
            // These two go on until they are told to stop.
            if (folder == "Server") command += " --duration 1s";
            if (command.EndsWith(" watch", StringComparison.Ordinal)) command += " --duration 2s";
            await user.RunAsync(command);
        }
    }
}
