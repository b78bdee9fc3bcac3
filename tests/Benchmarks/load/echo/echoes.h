/* Many connections that send and compare: the modes load and idle. */
#ifndef ECHOES_H
#define ECHOES_H

#include "../shared/common.h"

struct shape {
    int connections;
    uint32_t min_size, max_size;
    double warm_up, seconds;
};

/* Closed loop: each connection sends its next message when it has the echo of the last one. */
int run_load(const struct target *target, const struct shape *shape);

/* One message on each connection, then nothing, until standard input ends. */
int run_idle(const struct target *target, int connections);

#endif
