namespace RawEcho.Engine.UnitTests.Architecture.Circle.Inner;

/// <summary>Uses the namespace above it.</summary>
internal static class Leaf
{
    public static int Call() => Root.Value;
}
