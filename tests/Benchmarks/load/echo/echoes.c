#include "echoes.h"

#include "../shared/loop.h"
#include "../shared/report.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HANDSHAKES = 64, SCRATCH = 64 * 1024, SPREAD = 4096, DRAIN_SECONDS = 10 };

struct message {
    const unsigned char *bytes; /* a slice of the shared random bytes: nothing is kept of them */
    uint32_t size;
    uint64_t since;
};

struct connection {
    SSL *ssl;
    struct message *flight; /* a ring of shape.depth messages that were begun and whose echo is not complete */
    uint32_t first, count;  /* the oldest of them, and how many there are */
    uint32_t whole;         /* how many of those are sent */
    uint32_t sent;          /* bytes of the next one */
    uint32_t received;      /* bytes of the oldest one's echo */
    uint32_t events;
    int ready;              /* the handshake is done */
};

static struct {
    const struct target *target;
    struct shape shape;
    SSL_CTX *context;
    struct loop loop;
    struct connection *all;
    int opened, ready; /* connections: asked for, with a handshake done */
    int owed;          /* echoes */
    int sending;       /* whether a full echo is followed by the next message */
    unsigned char *random;
    struct message *messages;
    struct report report;
} run;

static unsigned char scratch[SCRATCH];

static void ask_for(struct connection *c, uint32_t events)
{
    if (c->events == events) return;
    c->events = events;
    watch(run.loop.epoll_fd, EPOLL_CTL_MOD, SSL_get_fd(c->ssl), events, c);
}

static struct message *flying(const struct connection *c, uint32_t number)
{
    return &c->flight[(c->first + number) % run.shape.depth];
}

static void next_message(struct connection *c, uint64_t now)
{
    uint64_t random = next_random();
    *flying(c, c->count++) = (struct message){
        .bytes = run.random + (uint32_t)random % SPREAD,
        .size = run.shape.min_size + (uint32_t)(random >> 32) % (run.shape.max_size - run.shape.min_size + 1),
        .since = now,
    };
    run.owed++;
}

static void finish_message(struct connection *c)
{
    uint64_t now = now_ns();
    run.report.round_trips++;
    histogram_add(&run.report.latencies, now - flying(c, 0)->since);
    c->first = (c->first + 1) % run.shape.depth;
    c->count--;
    c->whole--;
    c->received = 0;
    run.owed--;
    if (run.sending) next_message(c, now);
}

static void send_some(struct connection *c)
{
    while (c->whole < c->count) {
        const struct message *message = flying(c, c->whole);
        size_t now;
        if (SSL_write_ex(c->ssl, message->bytes + c->sent, message->size - c->sent, &now) != 1) {
            if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_WRITE) fail_tls("send", c->ssl, 0);
            ask_for(c, EPOLLIN | EPOLLOUT);
            return;
        }
        c->sent += (uint32_t)now;
        if (c->sent < message->size) continue;
        c->sent = 0;
        c->whole++;
    }
    ask_for(c, EPOLLIN);
}

static void compare(struct connection *c, size_t size)
{
    for (const unsigned char *echo = scratch; size > 0;) {
        const struct message *message = flying(c, 0);
        size_t sent = c->whole > 0 ? message->size : c->count > 0 ? c->sent : 0;
        size_t part = size < sent - c->received ? size : sent - c->received;
        if (part == 0) fail("the server sent bytes that nobody sent to it");
        if (memcmp(echo, message->bytes + c->received, part) != 0) fail("an echo differs from what was sent");
        c->received += (uint32_t)part;
        echo += part;
        size -= part;
        if (c->received == message->size) finish_message(c);
    }
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
    if (c->whole < c->count) send_some(c);
}

/* A few handshakes at a time: all at once would overflow the backlog of some servers. */
static void connect_all(void)
{
    while (run.ready < run.shape.connections) {
        while (run.opened < run.shape.connections && run.opened - run.ready < MAX_HANDSHAKES) {
            struct connection *c = &run.all[run.opened];
            c->flight = run.messages + (size_t)run.opened++ * run.shape.depth;
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
        while (run.all[i].count < run.shape.depth) next_message(&run.all[i], now_ns());
        send_some(&run.all[i]);
    }
}

/* The messages that are due by now, each on the next connection in turn; one whose last echo is still outstanding is too slow. */
static void send_due(uint64_t start, double rate, uint64_t *begun)
{
    for (uint64_t due = (uint64_t)((double)(now_ns() - start) / 1e9 * rate); *begun < due; ++*begun) {
        struct connection *c = &run.all[*begun % (uint64_t)run.shape.connections];
        if (c->count == run.shape.depth) fail("an echo took longer than all connections together take turns");
        next_message(c, now_ns());
        send_some(c);
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
    run.messages = calloc((size_t)shape->connections * shape->depth, sizeof *run.messages);
    if (run.all == NULL || run.random == NULL || run.messages == NULL) fail("out of memory");
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

int run_many(const struct target *target, const struct shape *shape, double rate)
{
    prepare(target, shape);
    uint64_t connecting = now_ns(), begun = 0;
    connect_all();
    run.report.connect_seconds = (double)(now_ns() - connecting) / 1e9;
    say("CONNECTED");
    loop_wait_for_line(&run.loop);
    report_start(&run.report);
    uint64_t start = now_ns(), end = start + (uint64_t)(shape->seconds * 1e9);
    while (now_ns() < end) {
        send_due(start, rate, &begun);
        loop_turn(&run.loop, 1);
    }
    report_end(&run.report);
    struct report measured = run.report;
    drain();
    loop_hold(&run.loop);
    run.report = measured;
    return finish();
}

int run_idle(const struct target *target, int connections)
{
    struct shape shape = {.connections = connections, .min_size = 1, .max_size = 100, .depth = 1};
    prepare(target, &shape);
    connect_all();
    send_on_all();
    drain();
    report_start(&run.report);
    loop_hold(&run.loop);
    report_end(&run.report);
    return finish();
}
