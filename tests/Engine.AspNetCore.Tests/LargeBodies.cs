using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>Endpoints that take and give a long body.</summary>
internal static class LargeBodies
{
    public static void Map(WebApplication application, long length, Action onRead)
    {
        application.MapPost("/upload", async (HttpContext context) =>
        {
            long received = await PatternContent.CheckAsync(context.Request.Body, onRead);
            return received == length ? $"{received} as expected" : $"{received} is wrong";
        });
        application.MapGet("/download", (HttpContext context) => PatternContent.WriteAsync(context.Response.Body, length));
    }
}
