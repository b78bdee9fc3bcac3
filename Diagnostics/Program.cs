// Server and client publish their counters as the Meter "RawEcho.Engine"; this program will attach to both by EventPipe and
// show them side by side. Until it does, it says so instead of pretending.
const int notAvailable = 1;
await Console.Error.WriteLineAsync(
    "rawecho-diagnostics: will show threads, GC and memory of server and client side by side; it is not part of this version yet.");
return notAvailable;
