using System.Reflection;
using System.Reflection.Emit;

namespace RawEcho.Engine.UnitTests.Architecture;

/// <summary>The types that a type refers to: in signatures and in the instructions of its methods, attributes aside.</summary>
internal static class TypeReferences
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!)
        .ToDictionary(c => c.Value);

    /// <summary>
    /// The types that <paramref name="type"/> refers to; constructed types are taken apart, and a nested type counts for itself.
    /// </summary>
    public static IEnumerable<Type> Of(Type type)
    {
        IEnumerable<Type?> used = [type.BaseType, .. type.GetInterfaces()];
        used = used.Concat(type.GetFields(All).Select(f => f.FieldType));
        foreach (MethodBase method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            used = used.Concat(method.GetParameters().Select(p => p.ParameterType));
            if (method is MethodInfo m) used = used.Append(m.ReturnType);
            if (method.GetMethodBody() is not { } body) continue;
            used = used.Concat(body.LocalVariables.Select(v => v.LocalType));
            used = used.Concat(body.GetILAsByteArray() is { } il ? InInstructions(method, il) : []);
        }

        return used.OfType<Type>().SelectMany(Parts).Where(t => !t.IsGenericParameter).Distinct();
    }

    private static IEnumerable<Type> InInstructions(MethodBase method, byte[] il)
    {
        for (int at = 0; at < il.Length;)
        {
            // A first byte of 0xFE stands before the codes of two bytes (ECMA-335 partition III).
            short value = il[at] == 0xFE ? (short)((il[at] << 8) | il[at + 1]) : il[at];
            OpCode code = Codes[value];
            at += code.Size;
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                foreach (Type type in Resolve(method, BitConverter.ToInt32(il, at))) yield return type;
            }

            at += SizeOf(code.OperandType, il, at);
        }
    }

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        MemberInfo? member = method.Module.ResolveMember(token, ofType, ofMethod);
        if (member is Type type) yield return type;
        if (member?.DeclaringType is { } owner) yield return owner;
        if (member is MethodInfo { IsGenericMethod: true } generic)
        {
            foreach (Type argument in generic.GetGenericArguments()) yield return argument;
        }
    }

    private static int SizeOf(OperandType operand, byte[] il, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
        _ => 4,
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }
}
