using RawEcho.CommandLine;
using RawEcho.Engine.Tls;
using RawEcho.Server;

TlsSuites.Limit();
return await CommandProgram.RunAsync(ServerCommand.Create(), "rawecho-server", ServerCommand.ExitCodes, args);
