namespace RawEcho.Engine;

/// <summary>Whoever keeps a connection open in place of a handler.</summary>
internal interface IConnectionHolder
{
    /// <summary>Lets the connection end; completes when it has.</summary>
    ValueTask ReleaseAsync();
}
