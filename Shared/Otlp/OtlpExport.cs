using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RawEcho.CommandLine;

namespace RawEcho.Otlp;

/// <summary>
/// Sends a program's metrics by OTLP where the environment names a collector, by the variables of the OpenTelemetry specification
/// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Without them nothing of OpenTelemetry is loaded.
/// </summary>
public static class OtlpExport
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    /// <summary>True when there is a collector whose certificate is verified: then the system's trusted roots are needed.</summary>
    public static bool UsesTls => Address() is { } address && address.Value.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Starts it; null where it is not asked for.</summary>
    /// <param name="service">The name of the service, unless the environment has another one.</param>
    /// <param name="meters">The names of the meters that are sent.</param>
    /// <exception cref="CommandException">The address of the collector is none.</exception>
    public static OtlpMetrics? StartIfAsked(string service, params string[] meters)
    {
        if (Address() is not (var variable, var address)) return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new CommandException(ExitCode.Usage, $"{variable} must be a URL such as http://localhost:4317, not '{address}'.");
        return Start(uri, service, meters);
    }

    private static (string Variable, string Value)? Address()
    {
        string variable = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(MetricsEndpoint)) ? Endpoint : MetricsEndpoint;
        string? address = Environment.GetEnvironmentVariable(variable);
        bool isAsked = !string.IsNullOrEmpty(address) && !Is("OTEL_SDK_DISABLED", "true") && !Is("OTEL_METRICS_EXPORTER", "none");
        return isAsked ? (variable, address!) : null;
    }

    private static bool Is(string variable, string value) =>
        string.Equals(Environment.GetEnvironmentVariable(variable), value, StringComparison.OrdinalIgnoreCase);

    // Only here are types of OpenTelemetry needed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpMetrics Start(Uri collector, string service, string[] meters) => new(collector, Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(service).AddTelemetrySdk().AddEnvironmentVariableDetector())
        .AddMeter(meters)
        .AddOtlpExporter()
        .Build());
}
