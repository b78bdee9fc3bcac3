using RawEcho.CommandLine;
using RawEcho.Commands;
using RawEcho.Engine.Hosting;
using RawEcho.Otlp;
using RawEcho.Server;
using RawEcho.Terminal;

const string name = "rawecho-server";
StandardStreams.Guard(name);
EngineProcess.LimitNativeHeaps();
EngineProcess.RaiseDescriptorLimit();
EngineProcess.LimitTlsSuites();
if (!OtlpExport.UsesTls) EngineProcess.LeaveOutSystemRoots();
return await EngineProgram.RunAsync(ServerCommand.Create(), name, ServerCommand.ExitCodes, args, EnvironmentDefault.Rule);
