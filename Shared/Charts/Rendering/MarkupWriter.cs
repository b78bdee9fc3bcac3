using System.Net;
using System.Text;

namespace RawEcho.Charts.Rendering;

/// <summary>Writes HTML. Text and attributes are always escaped; elements are closed in the order in which they must be.</summary>
internal sealed class MarkupWriter
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = [];

    /// <summary>Begins an element; an attribute whose value is null is left out.</summary>
    public MarkupWriter Open(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Begin(name, attributes);
        _open.Push(name);
        return this;
    }

    /// <summary>Ends the innermost element.</summary>
    public void Close() => _text.Append("</").Append(_open.Pop()).Append('>');

    /// <summary>An element that holds text alone.</summary>
    public void Element(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Open(name, attributes).Text(text);
        Close();
    }

    /// <summary>An element that never has content, such as meta.</summary>
    public void Void(string name, params ReadOnlySpan<(string Name, string? Value)> attributes) => Begin(name, attributes);

    /// <summary>Text of the innermost element.</summary>
    public void Text(string text) => _text.Append(Escape(text));

    /// <summary>What needs no escaping, or must not have it: the library's own style and script, and JSON without '&lt;'.</summary>
    public void Raw(string text) => _text.Append(text);

    public override string ToString() => _text.ToString();

    private static string Escape(string text)
    {
        // HTML knows no control characters; U+FFFD says that one was there.
        string shown = text.Any(IsForbidden) ? string.Concat(text.Select(c => IsForbidden(c) ? '\uFFFD' : c)) : text;
        return WebUtility.HtmlEncode(shown);
    }

    private static bool IsForbidden(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    private void Begin(string name, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _text.Append("\n<").Append(name);
        foreach ((string attribute, string? value) in attributes)
        {
            if (value is not null) _text.Append(' ').Append(attribute).Append("=\"").Append(Escape(value)).Append('"');
        }

        _text.Append('>');
    }
}
