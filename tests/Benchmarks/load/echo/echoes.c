#include "echoes.h"

#include "../shared/loop.h"
#include "../shared/report.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HANDSHAKES = 64, SCRATCH = 64 * 1024, SPREAD = 4096, DRAIN_SECONDS = 10 };

struct connection {
    SSL *ssl;
    const unsigned char *message; /* a slice of the shared random bytes: nothing is kept per connection */
    uint32_t size, sent, received;
    uint32_t events;
    int ready;                    /* the handshake is done */
    uint64_t since;
};

static struct {
    const struct target *target;
    struct shape shape;
    SSL_CTX *context;
    struct loop loop;
    struct connection *all;
    int opened, ready, owed; /* connections: asked for, with a handshake done, with an echo outstanding */
    int sending;             /* whether a full echo is followed by the next message */
    unsigned char *random;
    struct report report;
} run;

static unsigned char scratch[SCRATCH];

static void ask_for(struct connection *c, uint32_t events)
{
    if (c->events == events) return;
    c->events = events;
    watch(run.loop.epoll_fd, EPOLL_CTL_MOD, SSL_get_fd(c->ssl), events, c);
}

static void next_message(struct connection *c, uint64_t now)
{
    uint64_t random = next_random();
    c->size = run.shape.min_size + (uint32_t)(random >> 32) % (run.shape.max_size - run.shape.min_size + 1);
    c->message = run.random + (uint32_t)random % SPREAD;
    c->sent = c->received = 0;
    c->since = now;
    run.owed++;
}

static void finish_message(struct connection *c)
{
    uint64_t now = now_ns();
    run.report.round_trips++;
    histogram_add(&run.report.latencies, now - c->since);
    c->size = 0;
    run.owed--;
    if (run.sending) next_message(c, now);
}

static void send_some(struct connection *c)
{
    while (c->sent < c->size) {
        size_t now;
        if (SSL_write_ex(c->ssl, c->message + c->sent, c->size - c->sent, &now) != 1) {
            if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_WRITE) fail_tls("send", c->ssl, 0);
            ask_for(c, EPOLLIN | EPOLLOUT);
            return;
        }
        c->sent += (uint32_t)now;
    }
    ask_for(c, EPOLLIN);
}

static void compare(struct connection *c, size_t size)
{
    if (size > c->sent - c->received) fail("the server sent bytes that nobody sent to it");
    if (memcmp(scratch, c->message + c->received, size) != 0) fail("an echo differs from what was sent");
    c->received += (uint32_t)size;
    if (c->received == c->size) finish_message(c);
}

static void receive_some(struct connection *c)
{
    do {
        size_t size;
        if (SSL_read_ex(c->ssl, scratch, sizeof scratch, &size) != 1) {
            if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_READ) fail_tls("connection lost", c->ssl, 0);
            return;
        }
        compare(c, size);
    } while (SSL_has_pending(c->ssl));
}

static void shake_hands(struct connection *c)
{
    int result = SSL_do_handshake(c->ssl);
    if (result == 1) {
        c->ready = 1;
        run.ready++;
        run.report.handshakes++;
        run.report.resumed += (uint64_t)SSL_session_reused(c->ssl);
        report_session(&run.report, c->ssl);
        ask_for(c, EPOLLIN);
        return;
    }
    int reason = SSL_get_error(c->ssl, result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) fail_tls("handshake", c->ssl, result);
    ask_for(c, reason == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
}

static void advance(void *connection)
{
    struct connection *c = connection;
    ERR_clear_error();
    if (!c->ready) {
        shake_hands(c);
        return;
    }
    /* Reading before writing: a server that is not read from does not read either. */
    if (c->events & EPOLLOUT) send_some(c);
    receive_some(c);
    if (c->sent < c->size) send_some(c);
}

/* A few handshakes at a time: all at once would overflow the backlog of some servers. */
static void connect_all(void)
{
    while (run.ready < run.shape.connections) {
        while (run.opened < run.shape.connections && run.opened - run.ready < MAX_HANDSHAKES) {
            struct connection *c = &run.all[run.opened++];
            c->ssl = open_connection(run.context, run.target);
            c->events = EPOLLOUT;
            watch(run.loop.epoll_fd, EPOLL_CTL_ADD, SSL_get_fd(c->ssl), c->events, c);
        }
        loop_turn(&run.loop, 1000);
    }
}

static void send_on_all(void)
{
    for (int i = 0; i < run.shape.connections; i++) {
        next_message(&run.all[i], now_ns());
        send_some(&run.all[i]);
    }
}

static void drain(void)
{
    run.sending = 0;
    uint64_t end = now_ns() + DRAIN_SECONDS * 1000000000ull;
    while (run.owed > 0 && now_ns() < end) loop_turn(&run.loop, 100);
    if (run.owed > 0) fail("%d echoes did not come", run.owed);
}

static void prepare(const struct target *target, const struct shape *shape)
{
    run.target = target;
    run.shape = *shape;
    raise_descriptor_limit(shape->connections);
    run.context = create_context(target);
    loop_open(&run.loop, advance);
    run.all = calloc((size_t)shape->connections, sizeof *run.all);
    size_t size = (size_t)shape->max_size + SPREAD;
    run.random = malloc(size);
    if (run.all == NULL || run.random == NULL) fail("out of memory");
    for (size_t i = 0; i < size; i++) run.random[i] = (unsigned char)(next_random() >> 56);
}

static int finish(void)
{
    for (int i = 0; i < run.shape.connections; i++) close_connection(run.all[i].ssl);
    report_print(&run.report);
    return 0;
}

int run_load(const struct target *target, const struct shape *shape)
{
    prepare(target, shape);
    connect_all();
    run.sending = 1;
    send_on_all();
    loop_run_for(&run.loop, shape->warm_up);
    report_start(&run.report);
    loop_run_for(&run.loop, shape->seconds);
    report_end(&run.report);
    struct report measured = run.report;
    drain();
    loop_hold(&run.loop);
    run.report = measured;
    return finish();
}

int run_idle(const struct target *target, int connections)
{
    struct shape shape = {.connections = connections, .min_size = 1, .max_size = 100};
    prepare(target, &shape);
    connect_all();
    send_on_all();
    drain();
    report_start(&run.report);
    loop_hold(&run.loop);
    report_end(&run.report);
    return finish();
}
