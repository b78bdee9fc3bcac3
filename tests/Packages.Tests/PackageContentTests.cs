using System.Text;
using System.Xml.Linq;
using RawEcho.Packages.Tests.Support;

namespace RawEcho.Packages.Tests;

public sealed class PackageContentTests(PackageFeed feed)
{
    public static TheoryData<string> All => [PackageFeed.Engine, PackageFeed.AspNetCore, .. PackageFeed.Tools];

    public static TheoryData<string> Tools => [.. PackageFeed.Tools];

    [Fact]
    public async Task Six_projects_are_packed_and_no_other()
    {
        await feed.ReadyAsync();
        IEnumerable<string> files = Directory.GetFiles(feed.Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
        Assert.Equal(All.Select(p => $"{p.Data}.{Repository.Version}.nupkg").Order(StringComparer.Ordinal), files);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_package_says_what_it_is_and_under_which_licence(string name)
    {
        using Package package = await Package.OpenAsync(feed, name);
        Assert.Equal(name, package.Metadata("id"));
        Assert.Equal(Repository.Version, package.Metadata("version"));
        XElement licence = Assert.Single(package.Elements("license"));
        Assert.Equal(("expression", "MIT"), (licence.Attribute("type")?.Value, licence.Value));
        Assert.Equal("The RawEcho authors", package.Metadata("authors"));
        Assert.NotEqual("Package Description", package.Metadata("description"));
        Assert.NotEmpty(package.Metadata("tags"));
        string readme = Encoding.UTF8.GetString(package.Read(package.Metadata("readme")));
        Assert.StartsWith($"# {name}\n", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Symbols_are_in_the_assemblies(string name)
    {
        using Package package = await Package.OpenAsync(feed, name);
        Assert.NotEmpty(package.OwnAssemblies);
        Assert.All(package.OwnAssemblies, a => Assert.NotNull(package.Sources(a)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_names_a_path_of_the_machine_that_built_it(string name)
    {
        Assert.SkipUnless(Repository.Configuration == "Release", "Debug builds keep the paths of their sources, for the debugger.");
        using Package package = await Package.OpenAsync(feed, name);
        byte[][] paths = [Encoding.UTF8.GetBytes(Repository.Root), Encoding.Unicode.GetBytes(Repository.Root)];
        foreach (string entry in package.Names)
        {
            byte[] content = package.Read(entry);
            Assert.All(paths, p => Assert.True(content.AsSpan().IndexOf(p) < 0, $"{entry} names {Repository.Root}."));
        }

        // The symbols are compressed, so they are read and not searched.
        Assert.All(
            package.OwnAssemblies.SelectMany(a => package.Sources(a) ?? []),
            s => Assert.StartsWith("/_", s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_library_has_one_assembly_with_its_documentation_and_depends_on_what_it_references()
    {
        using Package package = await Package.OpenAsync(feed, PackageFeed.Engine);
        IEnumerable<string> library = package.Names.Where(n => n.StartsWith("lib/", StringComparison.Ordinal));
        Assert.Equal(["lib/net10.0/RawEcho.Engine.dll", "lib/net10.0/RawEcho.Engine.xml"], library);
        XDocument documentation = XDocument.Load(new MemoryStream(package.Read("lib/net10.0/RawEcho.Engine.xml")));
        Assert.Contains(documentation.Descendants("member"), m => m.Attribute("name")?.Value == "T:RawEcho.Engine.IConnectionHandler");
        string[] wanted =
        [
            "CommunityToolkit.HighPerformance", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.IO.RecyclableMemoryStream", "System.Security.Cryptography.Pkcs",
        ];
        Assert.Equal(wanted, package.Dependencies.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_transport_for_Kestrel_depends_on_the_library_and_on_the_framework_of_ASP_NET_Core()
    {
        using Package package = await Package.OpenAsync(feed, PackageFeed.AspNetCore);
        Assert.Equal(
            ["lib/net10.0/RawEcho.Engine.AspNetCore.dll", "lib/net10.0/RawEcho.Engine.AspNetCore.xml"],
            package.Names.Where(n => n.StartsWith("lib/", StringComparison.Ordinal)));
        Assert.Equal([PackageFeed.Engine], package.Dependencies);
        Assert.Equal("Microsoft.AspNetCore.App", Assert.Single(package.Elements("frameworkReference")).Attribute("name")?.Value);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task A_tool_brings_everything_with_it_under_its_own_name(string name)
    {
        using Package package = await Package.OpenAsync(feed, name);
        Assert.Equal("DotnetTool", Assert.Single(package.Elements("packageType")).Attribute("name")?.Value);
        Assert.Empty(package.Dependencies);
        string settings = package.Names.Single(n => n.EndsWith("/DotnetToolSettings.xml", StringComparison.Ordinal));
        XElement command = XDocument.Load(new MemoryStream(package.Read(settings))).Descendants("Command").Single();
        Assert.Equal((name, $"{name}.dll"), (command.Attribute("Name")?.Value, command.Attribute("EntryPoint")?.Value));
        Assert.Contains(package.Names, n => n.EndsWith("/RawEcho.Terminal.dll", StringComparison.Ordinal));
        Assert.Contains(package.Names, n => n.EndsWith("/System.CommandLine.dll", StringComparison.Ordinal));
    }
}
