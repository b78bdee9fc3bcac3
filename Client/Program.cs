using RawEcho.Client;
using RawEcho.CommandLine;

return await CommandProgram.RunAsync(ClientCommand.Create(), "rawecho-client", ClientCommand.ExitCodes, args);
