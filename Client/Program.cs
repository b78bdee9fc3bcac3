using RawEcho.Client;
using RawEcho.CommandLine;
using RawEcho.Engine.Tls;
using RawEcho.Terminal;

const string name = "rawecho-client";
StandardStreams.Guard(name);
TlsSuites.Limit();
return await EngineProgram.RunAsync(ClientCommand.Create(), name, ClientCommand.ExitCodes, args);
