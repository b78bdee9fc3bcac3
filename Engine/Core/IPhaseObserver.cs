namespace RawEcho.Engine;

/// <summary>Is told of every phase that a connection of a host enters.</summary>
internal interface IPhaseObserver
{
    /// <summary>The connection has entered its present phase. Called by the connection's own flow; does not throw.</summary>
    /// <param name="connection">The connection; its <see cref="ConnectionLifetime.Phase"/> is the new phase.</param>
    /// <param name="previous">The phase before.</param>
    void OnPhase(ConnectionLifetime connection, ConnectionPhase previous);
}
