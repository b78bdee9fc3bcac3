using RawEcho.CommandLine;
using RawEcho.Soak;

return await EngineProgram.RunAsync(SoakCommand.Create(), "rawecho-soak", SoakCommand.ExitCodes, args);
