using System.Diagnostics.Metrics;
using System.Net.Security;
using RawEcho.Engine.Telemetry;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class MeterTests
{
    [Fact]
    public async Task The_meter_tells_what_the_statistics_tell()
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == EngineTelemetry.MeterName) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            seen[tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();

        await using var host = new TestHost();
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 1234);
        // The echo may be here before the write that sent it is counted.
        await TimeLimit.Until(() => host.Host.Statistics.Io.WriteOperations == 1, "the write is counted");
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["rawecho.connections.accepted"]);
        Assert.Equal(1, seen["rawecho.connections.open"]);
        Assert.Equal(1, seen["rawecho.tls.handshakes"]);
        Assert.Equal(1234, seen["rawecho.io.received"]);
        Assert.Equal(1234, seen["rawecho.io.sent"]);
        Assert.Equal(3, seen["rawecho.pool.args.used"]);
        Assert.Equal((0, 0), (seen["rawecho.connections.refused.descriptors"], seen["rawecho.observer.faults"]));
        Assert.True(seen["rawecho.tls.handshake.duration"] > 0);

        await stream.ShutdownAsync().WithinLimit();
        stream.Dispose();
        // The ending is told before the connection is taken off the books.
        await host.AssertNothingIsHeldAsync();
        listener.RecordObservableInstruments();
        Assert.Equal(0, seen["rawecho.connections.open"]);
        Assert.Equal(1, seen["rawecho.connections.closed/PeerClosed"]);
        Assert.Equal(1234, seen["rawecho.io.sent"]);
    }
}
