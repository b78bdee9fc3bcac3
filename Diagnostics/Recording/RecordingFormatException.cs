namespace RawEcho.Diagnostics.Recording;

/// <summary>Thrown when a file is no recording; the message is what the user reads: which line, and what is wrong with it.</summary>
internal sealed class RecordingFormatException(string message) : Exception(message);
