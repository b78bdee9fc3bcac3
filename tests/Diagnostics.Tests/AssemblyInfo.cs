using Xunit.v3;

// Each test starts processes of its own: four at a time, because they wait for samples more than they compute.
[assembly: Parallelization(MaxThreads = 4)]
