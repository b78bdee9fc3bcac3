// Each test starts processes of its own: two at a time keep a small machine busy without slowing any of them down.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
