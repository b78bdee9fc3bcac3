using RawEcho.Diagnostics.Commands;
using RawEcho.Terminal;

StandardStreams.Guard(CommandProgram.Name);
return await DiagnosticsCommand.RunAsync(args);
