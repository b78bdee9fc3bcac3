using RawEcho.Client;
using RawEcho.CommandLine;
using RawEcho.Commands;
using RawEcho.Engine.Hosting;
using RawEcho.Otlp;
using RawEcho.Terminal;

const string name = "rawecho-client";
StandardStreams.Guard(name);
EngineProcess.RaiseDescriptorLimit();
EngineProcess.LimitTlsSuites();
if (!OtlpExport.UsesTls) EngineProcess.LeaveOutSystemRoots();
return await EngineProgram.RunAsync(ClientCommand.Create(), name, ClientCommand.ExitCodes, args, EnvironmentDefault.Rule);
