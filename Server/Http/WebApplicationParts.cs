using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Server.Http;

/// <summary>What the server's web applications have in common.</summary>
internal static class WebApplicationParts
{
    /// <summary>Kestrel and nothing else: no files are read, no variables, no signals are taken.</summary>
    /// <param name="log">Takes warnings.</param>
    public static WebApplicationBuilder CreateBuilder(ConsoleLog log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.AddProvider(new ConsoleLogProvider(log)).SetMinimumLevel(LogLevel.Warning);
        // Whoever stops it says how long that may take.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelCore();
        return builder;
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="CommandException">An address cannot be listened on.</exception>
    public static async Task StartListeningAsync(this WebApplication application)
    {
        try
        {
            await application.StartAsync();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException(ExitCode.Network, Explain(e));
        }
    }

    private static string Explain(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is ListenException) return e.Message;
        }

        return failure.Message;
    }

    /// <summary>Signals are the program's own business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
