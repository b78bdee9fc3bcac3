using RawEcho.Engine.UnitTests.Architecture.Circle.Inner;

namespace RawEcho.Engine.UnitTests.Architecture.Circle;

/// <summary>Uses a namespace below it in nothing but a call of a static method.</summary>
internal static class Root
{
    public static int Value => 1;

    public static int Call() => Leaf.Call();
}
