#include "loop.h"

#include "common.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MAX_EVENTS = 256 };

void loop_open(struct loop *loop, void (*advance)(void *connection))
{
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->advance = advance;
}

int loop_turn(const struct loop *loop, int milliseconds)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(loop->epoll_fd, events, MAX_EVENTS, milliseconds), goes_on = 1;
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        char byte;
        if (events[i].data.ptr != NULL) loop->advance(events[i].data.ptr);
        else if (read(STDIN_FILENO, &byte, 1) <= 0) goes_on = 0;
    }
    return goes_on;
}

void loop_run_for(const struct loop *loop, double seconds)
{
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    for (uint64_t now = now_ns(); now < end; now = now_ns()) loop_turn(loop, (int)((end - now) / 1000000) + 1);
}

void loop_hold(const struct loop *loop)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    /* Refused for a file or /dev/null, which have ended anyway. */
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) return;
    while (loop_turn(loop, -1)) { }
}
