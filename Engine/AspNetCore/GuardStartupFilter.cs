using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Where endpoints are guarded, the first step of the application notes the request, so that a report can name its route.
/// </summary>
internal sealed class GuardStartupFilter(EngineTransport transport) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        if (transport.IsGuarded)
        {
            application.Use(inner => context =>
            {
                GuardedThread.BeginRequest(context);
                Task running = inner(context);
                GuardedThread.EndRequest(context);
                return running;
            });
        }

        next(application);
    };
}
