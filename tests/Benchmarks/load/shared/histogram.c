#include "histogram.h"

#include <math.h>

/* Values share their highest SUB_BITS + 1 bits with all others of their bucket. */
enum { SUB_BITS = 6, SUB_COUNT = 1 << SUB_BITS };

static unsigned bucket_of(uint64_t value)
{
    if (value < 2 * SUB_COUNT) return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - SUB_BITS;
    unsigned bucket = shift * SUB_COUNT + (unsigned)(value >> shift);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t highest_of(unsigned bucket)
{
    if (bucket < 2 * SUB_COUNT) return bucket;
    unsigned shift = bucket / SUB_COUNT - 1;
    return (((uint64_t)(bucket - shift * SUB_COUNT) + 1) << shift) - 1;
}

void histogram_add(struct histogram *h, uint64_t nanoseconds)
{
    h->count++;
    h->buckets[bucket_of(nanoseconds)]++;
    if (nanoseconds > h->max) h->max = nanoseconds;
}

double histogram_percentile(const struct histogram *h, double percent)
{
    uint64_t seen = 0, wanted = (uint64_t)ceil((double)h->count * percent / 100);
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && h->count > 0; i++) {
        seen += h->buckets[i];
        if (seen < wanted) continue;
        uint64_t value = highest_of(i);
        return (double)(value < h->max ? value : h->max) / 1000;
    }
    return 0;
}
