using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>An output for rounds.</summary>
internal interface IRoundRenderer : IAsyncDisposable
{
    /// <summary>Once, before the first round.</summary>
    void Begin(RecordingHeader header);

    void Show(Round round);
}
