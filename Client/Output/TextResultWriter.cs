using RawEcho.Terminal;

namespace RawEcho.Client.Output;

/// <summary>A result in words, on standard output.</summary>
/// <param name="toText">The words, with the end of the last line; empty for nothing to say.</param>
internal sealed class TextResultWriter<TResult>(Func<TResult, string> toText) : IResultWriter<TResult>
{
    public void Write(TResult result) => StandardStreams.WriteResult(FoldedLine.OfText(toText(result)));
}
