using RawEcho.Reports.Tests.Browser;
using Xunit.Sdk;
using Xunit.v3;

// One browser serves all tests, one page at a time: a second one would only slow a small machine down.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Chromium))]
