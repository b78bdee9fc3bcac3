namespace RawEcho.Benchmarks;

/// <summary>An expected failure: its message is a sentence for the user, and no stack trace helps.</summary>
internal sealed class BenchFailure(string message) : Exception(message);
