using RawEcho.CommandLine;

namespace RawEcho.Client.Output;

/// <summary>One form in which a result goes out: text, JSON, a page with charts, a histogram log.</summary>
internal interface IResultWriter<in TResult>
{
    /// <exception cref="CommandException">A file cannot be written.</exception>
    void Write(TResult result);
}
