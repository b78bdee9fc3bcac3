/* Latencies in buckets whose width grows with the value: 1.6 % wide at most, so that a percentile is as good as exact. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 3072 };

struct histogram {
    uint64_t count;
    uint64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t nanoseconds);

/* The value in microseconds that `percent` of all values do not exceed; 0 when there are none. */
double histogram_percentile(const struct histogram *h, double percent);

#endif
