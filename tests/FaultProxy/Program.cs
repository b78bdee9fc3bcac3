using RawEcho.CommandLine;
using RawEcho.Faults;

return await CommandProgram.RunAsync(FaultProxyCommand.Create(), "rawecho-fault-proxy", FaultProxyCommand.ExitCodes, args);
