using RawEcho.CommandLine;
using RawEcho.Server;

return await CommandProgram.RunAsync(ServerCommand.Create(), "rawecho-server", ServerCommand.ExitCodes, args);
