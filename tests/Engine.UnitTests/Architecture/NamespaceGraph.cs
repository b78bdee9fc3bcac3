using System.Runtime.CompilerServices;

namespace RawEcho.Engine.UnitTests.Architecture;

/// <summary>Which namespace uses which, by the types of both.</summary>
internal sealed class NamespaceGraph
{
    private readonly Dictionary<string, HashSet<string>> _uses = [];
    private readonly HashSet<Arrow> _arrows = [];

    /// <summary>Every use of a type of another namespace.</summary>
    public IReadOnlyCollection<Arrow> Arrows => _arrows;

    /// <summary>The graph of some types; the namespaces of other types are left out.</summary>
    public static NamespaceGraph Of(IEnumerable<Type> types)
    {
        Type[] all = [.. types.Where(t => t.Namespace?.StartsWith("RawEcho", StringComparison.Ordinal) == true)];
        HashSet<string> known = [.. all.Select(t => t.Namespace!)];
        var graph = new NamespaceGraph();
        foreach (Type type in all)
        {
            foreach (Type used in TypeReferences.Of(type))
            {
                if (used.Namespace is { } to && to != type.Namespace && known.Contains(to))
                    graph.Add(new Arrow(type.Namespace!, to, type, used));
            }
        }

        return graph;
    }

    /// <summary>True for what the compiler or a source generator has made, which carries no name of ours.</summary>
    public static bool IsGenerated(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal) || type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || type.FullName!.Contains('<', StringComparison.Ordinal);

    /// <summary>The namespaces that reach each other, one line for each circle.</summary>
    public IReadOnlyList<string> Circles()
    {
        Dictionary<string, HashSet<string>> reached = _uses.Keys.ToDictionary(n => n, Reached);
        return
        [
            .. _uses.Keys.Where(n => reached[n].Contains(n))
                .Select(n => reached[n]
                    .Where(o => reached.GetValueOrDefault(o)?.Contains(n) == true)
                    .OrderDescending(StringComparer.Ordinal))
                .Select(circle => string.Join(" <-> ", circle))
                .Distinct(),
        ];
    }

    private void Add(Arrow arrow)
    {
        _arrows.Add(arrow);
        if (!_uses.TryGetValue(arrow.From, out HashSet<string>? targets)) _uses[arrow.From] = targets = [];
        targets.Add(arrow.To);
    }

    private HashSet<string> Reached(string start)
    {
        HashSet<string> seen = [];
        var open = new Stack<string>([start]);
        while (open.TryPop(out string? next))
        {
            foreach (string target in _uses.GetValueOrDefault(next) ?? [])
            {
                if (seen.Add(target)) open.Push(target);
            }
        }

        return seen;
    }

    /// <summary>One use.</summary>
    internal sealed record Arrow(string From, string To, Type User, Type Used)
    {
        public override string ToString() => $"{User.FullName} uses {Used.FullName}";
    }
}
