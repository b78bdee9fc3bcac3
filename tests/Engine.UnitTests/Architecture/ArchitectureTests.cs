using System.Reflection;
using System.Runtime.CompilerServices;

namespace RawEcho.Engine.UnitTests.Architecture;

/// <summary>
/// The layers of the repository: who may use whom. Every assembly and every namespace is looked at, the root namespaces included; a test
/// feeds the same check with types that break it.
/// </summary>
public class ArchitectureTests
{
    // From the top to the bottom: a namespace uses only those behind it.
    private static readonly string[] EngineLayers =
    [
        "RawEcho.Engine.Hosting", "RawEcho.Engine.Tls", "RawEcho.Engine.Framing", "RawEcho.Engine.Proxy", "RawEcho.Engine.Transport",
        "RawEcho.Engine.Telemetry", "RawEcho.Engine", "RawEcho.Engine.Buffers", "RawEcho.Engine.Certificates.Revocation",
        "RawEcho.Engine.Certificates",
    ];

    private static readonly Assembly[] Assemblies =
    [
        typeof(Connection).Assembly, .. new[]
        {
            "RawEcho.CommandLine", "RawEcho.Completion", "RawEcho.Terminal", "RawEcho.Charts", "rawecho-server", "rawecho-client",
            "rawecho-diagnostics", "rawecho-certs",
        }.Select(Assembly.Load),
    ];

    [Fact]
    public void No_layer_of_the_engine_uses_one_above_it()
    {
        string[] wrong =
        [
            .. from arrow in NamespaceGraph.Of(typeof(Connection).Assembly.GetTypes()).Arrows
               let user = Array.IndexOf(EngineLayers, arrow.From)
               let used = Array.IndexOf(EngineLayers, arrow.To)
               where user < 0 || used < user
               select arrow.ToString(),
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_namespaces_use_each_other_in_a_circle() =>
        Assert.Empty(NamespaceGraph.Of(Assemblies.SelectMany(a => a.GetTypes())).Circles());

    [Fact]
    public void A_circle_is_found_however_it_is_made() =>
        Assert.Equal(
            ["RawEcho.Engine.UnitTests.Architecture.Circle.Inner <-> RawEcho.Engine.UnitTests.Architecture.Circle"],
            NamespaceGraph.Of([typeof(Circle.Root), typeof(Circle.Inner.Leaf)]).Circles());

    [Fact]
    public void No_type_name_stands_for_two_things()
    {
        string[] doubled =
        [
            .. from type in Assemblies.SelectMany(a => a.GetTypes())
               where type.Name != "Program" && !NamespaceGraph.IsGenerated(type)
               group type by type.Name into same
               where same.Select(t => t.Namespace).Distinct().Count() > 1
               select string.Join(" and ", same.Select(t => t.FullName)),
        ];
        Assert.Empty(doubled);
    }

    [Fact]
    public void The_engine_knows_nothing_of_its_programs() =>
        Assert.DoesNotContain(
            typeof(Connection).Assembly.GetReferencedAssemblies(),
            a => a.Name!.StartsWith("rawecho-", StringComparison.Ordinal) || a.Name.StartsWith("RawEcho.", StringComparison.Ordinal));

    [Fact]
    public void The_diagnostics_know_nothing_of_the_engine() =>
        Assert.DoesNotContain(Assembly.Load("rawecho-diagnostics").GetReferencedAssemblies(), a => a.Name == "RawEcho.Engine");

    [Fact]
    public void Only_tests_see_internals()
    {
        string[] friends =
        [
            .. from assembly in Assemblies
               from friend in assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
               where !friend.AssemblyName.EndsWith("Tests", StringComparison.Ordinal) && friend.AssemblyName != "rawecho-bench"
               select $"{assembly.GetName().Name}: {friend.AssemblyName}",
        ];
        Assert.Empty(friends);
    }
}
