using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RawEcho.CommandLine;
using RawEcho.Engine.Telemetry;

namespace RawEcho.Server.Telemetry;

/// <summary>
/// Sends the server's metrics by OTLP where the environment names a collector, by the variables of the OpenTelemetry specification
/// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Without them nothing of OpenTelemetry is loaded.
/// </summary>
internal static class OtlpExport
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    /// <summary>Starts it; null where it is not asked for.</summary>
    /// <exception cref="CommandException">The address of the collector is none.</exception>
    public static IDisposable? StartIfAsked()
    {
        string variable = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(MetricsEndpoint)) ? Endpoint : MetricsEndpoint;
        string? address = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(address) || Is("OTEL_SDK_DISABLED", "true") || Is("OTEL_METRICS_EXPORTER", "none")) return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new CommandException(ExitCode.Usage, $"{variable} must be a URL such as http://localhost:4317, not '{address}'.");
        return Start();
    }

    private static bool Is(string variable, string value) =>
        string.Equals(Environment.GetEnvironmentVariable(variable), value, StringComparison.OrdinalIgnoreCase);

    // Only here are types of OpenTelemetry needed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MeterProvider Start() => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("rawecho-server").AddTelemetrySdk().AddEnvironmentVariableDetector())
        .AddMeter(EngineTelemetry.MeterName, ServerMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
        .AddOtlpExporter()
        .Build();
}
