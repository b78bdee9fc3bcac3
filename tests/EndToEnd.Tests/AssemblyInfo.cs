using RawEcho.EndToEnd.Tests.Support;

// Each test starts processes of its own: four at a time, because half of them wait for a deadline or for each other.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
[assembly: AssemblyFixture(typeof(Certificates))]
