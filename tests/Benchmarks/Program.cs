using RawEcho.Benchmarks;

return await BenchCommand.RunAsync(args);
