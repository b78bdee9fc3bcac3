using RawEcho.Diagnostics.Commands;
using RawEcho.Terminal;

StandardStreams.Guard(DiagnosticsCommand.Name);
return await DiagnosticsCommand.RunAsync(args);
