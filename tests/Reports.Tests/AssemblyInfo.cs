using RawEcho.Reports.Tests.Browser;

// One browser serves all tests, one page at a time: a second one would only slow a small machine down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(Chromium))]
