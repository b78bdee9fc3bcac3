using RawEcho.Engine.Telemetry;

namespace RawEcho.Engine.Hosting;

/// <summary>Tells telemetry of handshakes, and the observer of connections that have ended.</summary>
internal sealed class PhaseReporter(EngineTelemetry telemetry, ContainedObserver observer) : IPhaseObserver
{
    public void OnPhase(ConnectionLifetime connection, ConnectionPhase previous)
    {
        if (connection.Phase == ConnectionPhase.Handshaking) telemetry.HandshakeStarted();
        if (previous == ConnectionPhase.Handshaking) ReportHandshake(connection);
        if (connection.Phase == ConnectionPhase.Closing) observer.OnClosed(connection);
    }

    private void ReportHandshake(ConnectionLifetime connection)
    {
        if (connection.End.Reason == CloseReason.EndedBeforeFirstByte) telemetry.HandshakeNeverBegan();
        else telemetry.HandshakeEnded(connection.Phase == ConnectionPhase.Open, connection.HandshakeTime);
    }
}
