using System.CommandLine;

namespace RawEcho.CommandLine;

/// <summary>Two options of which one counts.</summary>
public static class OneOfTwo
{
    /// <summary>Which of the two count: one that stands on the command line drops the other one's default from the environment.</summary>
    /// <returns>Both when neither of them, or each, stands there: whether that is a contradiction is for the caller to say.</returns>
    public static (bool First, bool Second) That<TFirst, TSecond>(
        ParseResult parsed, OptionReader<TFirst> first, OptionReader<TSecond> second)
    {
        (bool isFirst, bool isSecond) = (first.IsGiven(parsed.CommandResult), second.IsGiven(parsed.CommandResult));
        return (isFirst || !isSecond, isSecond || !isFirst);
    }

    /// <summary>Two switches that contradict each other: those that are on.</summary>
    public static (bool First, bool Second) ReadSwitches(ParseResult parsed, OptionReader<bool> first, OptionReader<bool> second)
    {
        (bool isFirst, bool isSecond) = That(parsed, first, second);
        return (first.Read(parsed) && isFirst, second.Read(parsed) && isSecond);
    }
}
