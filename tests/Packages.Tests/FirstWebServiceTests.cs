using RawEcho.Packages.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Packages.Tests;

/// <summary>The first service of the README of RawEcho.Engine.AspNetCore, and the commands beside it.</summary>
public sealed class FirstWebServiceTests(PackageFeed feed)
{
    [Fact]
    public async Task The_first_service_of_the_README_greets_whoever_shows_a_certificate()
    {
        Requires.Linux("the commands are those of a Unix shell");
        PackagePage page = PackagePage.Read("Engine/AspNetCore");
        using var user = new PackageUser(feed);
        string port = FreePorts.Take(1)[0], code = page.Code!.Replace("8443", port, StringComparison.Ordinal);
        string program = await user.BuildAsync("first-service", "Microsoft.NET.Sdk.Web", PackageFeed.AspNetCore, code);
        await user.InstallAsync(page.Tool);
        await user.RunAsync(page.Commands[0]);

        await using var service = new ProgramProcess(program, [], folder: user.Folder.Path);
        await service.WaitForLineAsync("Application started");
        ProgramResult answer = await user.RunAsync(page.Commands[1].Replace("8443", port, StringComparison.Ordinal) + " --silent");
        Assert.Equal(["Hello CN=client.rawecho.test"], answer.Output);
    }
}
