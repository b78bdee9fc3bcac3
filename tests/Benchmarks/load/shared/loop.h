/* The event loop of a generator. */
#ifndef LOOP_H
#define LOOP_H

struct loop {
    int epoll_fd;
    void (*advance)(void *connection); /* called with what was handed to watch(), when that is ready */
};

void loop_open(struct loop *loop, void (*advance)(void *connection));

/* What standard input came to, where it is looked at. */
enum loop_input { LOOP_NOTHING, LOOP_BYTE, LOOP_END };

/* Handles what happens within `milliseconds`. */
enum loop_input loop_turn(const struct loop *loop, int milliseconds);

void loop_run_for(const struct loop *loop, double seconds);

/* Holds the connections until a line comes on standard input, or its end. */
void loop_wait_for_line(const struct loop *loop);

/* Holds the connections, so that the server can be looked at, until the orchestrator closes our standard input. */
void loop_hold(const struct loop *loop);

#endif
