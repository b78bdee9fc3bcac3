using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>A process as a column of a table.</summary>
/// <param name="Description">The process.</param>
/// <param name="Values">Its values by the name of the row.</param>
internal sealed record ProcessColumn(ProcessDescription Description, IReadOnlyDictionary<string, double> Values);
