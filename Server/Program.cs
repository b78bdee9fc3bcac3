using RawEcho.CommandLine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Server;

NativeHeap.LimitArenas();
TlsSuites.Limit();
return await CommandProgram.RunAsync(ServerCommand.Create(), "rawecho-server", ServerCommand.ExitCodes, args);
