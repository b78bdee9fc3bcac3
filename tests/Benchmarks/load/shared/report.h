/* The one line of JSON at the end of a run. */
#ifndef REPORT_H
#define REPORT_H

#include "common.h"
#include "histogram.h"

struct report {
    uint64_t round_trips, handshakes, resumed;
    uint64_t start_ns, end_ns;
    struct cpu_time start_cpu, end_cpu;
    char protocol[16], cipher[64];
    double connect_seconds; /* until all connections were ready, where that is measured */
    struct histogram latencies;
};

/* Begin and end of the measured time: nothing counts before the one or after the other. */
void report_start(struct report *r);
void report_end(struct report *r);

/* Remembers what was negotiated: that all servers do the same is for the reader to see. */
void report_session(struct report *r, const SSL *ssl);

void report_print(const struct report *r);

#endif
