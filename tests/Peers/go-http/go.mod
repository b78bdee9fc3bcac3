module rawecho/benchmarks/peer

go 1.19
