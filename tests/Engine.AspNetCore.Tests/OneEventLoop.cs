using System.Runtime.CompilerServices;
using RawEcho.Engine.Hosting;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)]

namespace RawEcho.Engine.AspNetCore.Tests;

internal static class OneEventLoop
{
    // For the whole process: what blocks it shows. The client's sockets run on it, too.
    [ModuleInitializer]
    internal static void Configure() => EngineProcess.Configure(new EngineProcessOptions { EventLoops = 1 });
}
