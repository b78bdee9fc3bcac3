using RawEcho.Certs;
using RawEcho.CommandLine;
using RawEcho.Terminal;

const string name = "rawecho-certs";
StandardStreams.Guard(name);
using var interruption = new Interruption();
const string variables = "RAWECHO_DIR is the default of --dir, if it is set.";
return await EngineProgram.RunAsync(CertsCommand.Create(), name, CertsCommand.ExitCodes, args, variables);
