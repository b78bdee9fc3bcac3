using RawEcho.Client;
using RawEcho.CommandLine;
using RawEcho.Engine.Tls;

TlsSuites.Limit();
return await CommandProgram.RunAsync(ClientCommand.Create(), "rawecho-client", ClientCommand.ExitCodes, args);
