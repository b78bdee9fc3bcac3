using System.Reflection;

namespace RawEcho.Engine.UnitTests;

/// <summary>Inside the Engine arrows point down: Hosting, Tls, Framing, Transport, and then Buffers and Telemetry.</summary>
public class ArchitectureTests
{
    private static readonly string[][] Layers = [["Hosting"], ["Tls"], ["Framing"], ["Transport"], ["Buffers", "Telemetry"]];

    [Fact]
    public void No_layer_knows_one_above_it()
    {
        string[] wrong =
        [
            .. from type in typeof(Connection).Assembly.GetTypes()
               let level = LevelOf(type)
               where level >= 0
               from used in Uses(type)
               where LevelOf(used) >= 0 && LevelOf(used) < level
               select $"{type.FullName} uses {used.FullName}",
        ];
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void The_engine_knows_nothing_of_its_programs()
    {
        IEnumerable<string?> references = typeof(Connection).Assembly.GetReferencedAssemblies().Select(a => a.Name);
        Assert.DoesNotContain(
            references, n => n!.StartsWith("rawecho-", StringComparison.Ordinal) || n.Contains("CommandLine", StringComparison.Ordinal));
    }

    private static int LevelOf(Type type)
    {
        string? layer = type.Namespace?.Split('.') is ["RawEcho", "Engine", var name, ..] ? name : null;
        return Array.FindIndex(Layers, l => l.Contains(layer));
    }

    private static IEnumerable<Type> Uses(Type type)
    {
        const BindingFlags all =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<Type?> used = [type.BaseType, .. type.GetInterfaces()];
        used = used.Concat(type.GetFields(all).Select(f => f.FieldType));
        foreach (MethodBase method in type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)))
        {
            used = used.Concat(method.GetParameters().Select(p => p.ParameterType));
            used = used.Concat(method.GetMethodBody()?.LocalVariables.Select(v => v.LocalType) ?? []);
            if (method is MethodInfo m) used = used.Append(m.ReturnType);
        }

        return used.OfType<Type>().SelectMany(t => t.IsGenericType ? t.GetGenericArguments().Append(t) : [t]);
    }
}
