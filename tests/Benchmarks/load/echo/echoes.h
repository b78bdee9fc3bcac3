/* Many connections that send and compare: the modes load, many and idle. */
#ifndef ECHOES_H
#define ECHOES_H

#include "../shared/common.h"

struct shape {
    int connections;
    uint32_t min_size, max_size;
    uint32_t depth; /* messages in flight on a connection */
    double warm_up, seconds;
};

/* Closed loop: each connection sends its next message when it has the echo of the oldest one in flight. */
int run_load(const struct target *target, const struct shape *shape);

/* Opens all connections, says CONNECTED and holds them until a line comes on standard input. Then an open loop: RATE messages a second over all connections, one after the other; none takes another one's turn. */
int run_many(const struct target *target, const struct shape *shape, double rate);

/* One message on each connection, then nothing, until standard input ends. */
int run_idle(const struct target *target, int connections);

#endif
