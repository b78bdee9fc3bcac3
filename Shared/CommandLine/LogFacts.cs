namespace RawEcho.CommandLine;

/// <summary>How a log is written.</summary>
public enum LogFormat
{
    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>Lines for journald: each begins with its priority, and has no time of its own.</summary>
    Journal,
}

/// <summary>What a line of a log says, for programs that read it as JSON.</summary>
/// <param name="Event">What has happened, as a word that does not change: listening, refused, stopping.</param>
/// <param name="Values">Names and values: texts, whole numbers, or counts by name. Null is not known.</param>
public sealed record LogFacts(string Event, params IReadOnlyList<(string Name, object? Value)> Values)
{
    /// <summary>What a line is that belongs to no other event.</summary>
    internal static LogFacts OfMessage { get; } = new("message");
}
