using RawEcho.CommandLine;
using RawEcho.Faults;

return await EngineProgram.RunAsync(FaultProxyCommand.Create(), "rawecho-fault-proxy", FaultProxyCommand.ExitCodes, args);
