using RawEcho.Diagnostics.Commands;

return await DiagnosticsCommand.RunAsync(args);
