using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Sampling;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>One form in which rounds are put out.</summary>
internal interface IRoundRenderer : IAsyncDisposable
{
    /// <summary>Once, before the first round.</summary>
    void Begin(RecordingHeader header);

    void Show(Round round);
}
