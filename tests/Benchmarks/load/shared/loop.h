/* The event loop of a generator. */
#ifndef LOOP_H
#define LOOP_H

struct loop {
    int epoll_fd;
    void (*advance)(void *connection); /* called with what was handed to watch(), when that is ready */
};

void loop_open(struct loop *loop, void (*advance)(void *connection));

/* Handles what happens within `milliseconds`. Returns 0 when standard input has ended. */
int loop_turn(const struct loop *loop, int milliseconds);

void loop_run_for(const struct loop *loop, double seconds);

/* Holds the connections, so that the server can be looked at, until the orchestrator closes our standard input. */
void loop_hold(const struct loop *loop);

#endif
