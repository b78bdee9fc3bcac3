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

enum loop_input loop_turn(const struct loop *loop, int milliseconds)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(loop->epoll_fd, events, MAX_EVENTS, milliseconds);
    enum loop_input input = LOOP_NOTHING;
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        char byte;
        if (events[i].data.ptr != NULL) loop->advance(events[i].data.ptr);
        else input = read(STDIN_FILENO, &byte, 1) <= 0 ? LOOP_END : LOOP_BYTE;
    }
    return input;
}

void loop_run_for(const struct loop *loop, double seconds)
{
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    for (uint64_t now = now_ns(); now < end; now = now_ns()) loop_turn(loop, (int)((end - now) / 1000000) + 1);
}

static int look_at_input(const struct loop *loop)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    /* Refused for a file or /dev/null, which have ended anyway. */
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0;
}

void loop_wait_for_line(const struct loop *loop)
{
    if (!look_at_input(loop)) return;
    while (loop_turn(loop, -1) == LOOP_NOTHING) { }
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
}

void loop_hold(const struct loop *loop)
{
    if (!look_at_input(loop)) return;
    while (loop_turn(loop, -1) != LOOP_END) { }
}
