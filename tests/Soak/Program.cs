using RawEcho.CommandLine;
using RawEcho.Soak;

return await CommandProgram.RunAsync(SoakCommand.Create(), "rawecho-soak", SoakCommand.ExitCodes, args);
