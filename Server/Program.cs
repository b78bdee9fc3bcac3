using RawEcho.CommandLine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Server;
using RawEcho.Terminal;

const string name = "rawecho-server";
StandardStreams.Guard(name);
NativeHeap.LimitArenas();
TlsSuites.Limit();
return await EngineProgram.RunAsync(ServerCommand.Create(), name, ServerCommand.ExitCodes, args);
