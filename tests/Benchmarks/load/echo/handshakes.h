/* Connections that live for one byte: the mode handshake. */
#ifndef HANDSHAKES_H
#define HANDSHAKES_H

#include "../shared/common.h"

/* `resume`: each connection but the first of each lane offers the newest ticket that the lane was given. */
int run_handshakes(const struct target *target, int resume, int lanes, double warm_up, double seconds);

#endif
