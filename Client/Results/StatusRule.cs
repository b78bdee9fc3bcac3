using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RawEcho.Client.Results;

/// <summary>Which HTTP statuses a condition is about, such as status!=200 or status>=400.</summary>
internal sealed partial class StatusRule
{
    private readonly string _operator;
    private readonly int _code;

    private StatusRule(string @operator, int code) => (_operator, _code) = (@operator, code);

    /// <summary>Parses the word status, a comparison and a status of three digits.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out StatusRule? rule)
    {
        Match match = Pattern().Match(text);
        rule = match.Success
            ? new StatusRule(match.Groups["operator"].Value, int.Parse(match.Groups["code"].ValueSpan, CultureInfo.InvariantCulture))
            : null;
        return match.Success;
    }

    /// <summary>True for a status that the condition is about.</summary>
    public bool Includes(int status) => _operator switch
    {
        "=" => status == _code,
        "!=" => status != _code,
        "<" => status < _code,
        "<=" => status <= _code,
        ">" => status > _code,
        _ => status >= _code,
    };

    [GeneratedRegex(@"^status(?<operator>!=|<=|>=|<|>|=)(?<code>[1-5]\d{2})$")]
    private static partial Regex Pattern();
}
