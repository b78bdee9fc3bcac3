using RawEcho.EndToEnd.Tests.Support;
using Xunit.v3;

// Each test starts processes of its own: four at a time, because half of them wait for a deadline or for each other.
[assembly: Parallelization(MaxThreads = 4)]
[assembly: AssemblyFixture(typeof(Certificates))]
