/*
 * The HTTP load generator of the benchmark: one thread, epoll and OpenSSL, mutual TLS, every response compared with the
 * one that is expected. It prints START and END at the edges of the measured time, and at the end one line of JSON; a
 * wrong response or a lost connection ends it with exit code 1.
 */
#include "protocol.h"

#include "../shared/common.h"
#include "../shared/loop.h"
#include "../shared/report.h"

#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HANDSHAKES = 64, SCRATCH = 64 * 1024, DRAIN_SECONDS = 10 };

/* keep: requests one after the other; new: each on a connection of its own; idle: one, and then nothing. */
enum mode { KEEP, NEW, IDLE };

struct connection {
    SSL *ssl;
    void *dialogue;
    const unsigned char *output; /* what the protocol gave and the socket has not taken */
    size_t output_size;
    uint32_t events;
    uint64_t since; /* the connection was begun */
    int is_ready, is_done; /* the handshake is done; this connection has had its one response */
};

static struct {
    struct target target;
    enum mode mode;
    const struct protocol *protocol;
    struct task task;
    int connections, requests; /* requests at a time on a connection */
    SSL_CTX *context;
    struct loop loop;
    struct connection *all;
    int opened, ready, owed; /* connections that were begun and that are ready; responses outstanding */
    int sending;
    struct report report;
} run;

static unsigned char scratch[SCRATCH];

static void ask_for(struct connection *c, uint32_t events)
{
    if (c->events == events) return;
    c->events = events;
    watch(run.loop.epoll_fd, EPOLL_CTL_MOD, SSL_get_fd(c->ssl), events, c);
}

static void take_answer(void *connection, uint64_t since)
{
    struct connection *c = connection;
    run.owed--;
    run.report.round_trips++;
    histogram_add(&run.report.latencies, now_ns() - (run.mode == NEW ? c->since : since));
    c->is_done = run.mode == NEW;
    if (run.mode != KEEP || !run.sending) return;
    run.owed++;
    run.protocol->ask(c->dialogue);
}

static void send_some(struct connection *c)
{
    for (;;) {
        if (c->output_size == 0) c->output_size = run.protocol->say(c->dialogue, &c->output);
        if (c->output_size == 0) break;
        size_t now;
        if (SSL_write_ex(c->ssl, c->output, c->output_size, &now) != 1) {
            if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_WRITE) fail_tls("send", c->ssl, 0);
            ask_for(c, EPOLLIN | EPOLLOUT);
            return;
        }
        c->output += now;
        c->output_size -= now;
    }
    ask_for(c, EPOLLIN);
}

static void receive_some(struct connection *c)
{
    do {
        size_t size;
        if (SSL_read_ex(c->ssl, scratch, sizeof scratch, &size) != 1) {
            if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_READ) fail_tls("connection lost", c->ssl, 0);
            return;
        }
        run.protocol->hear(c->dialogue, scratch, size);
    } while (SSL_has_pending(c->ssl));
}

static void open_one(struct connection *c)
{
    *c = (struct connection){.ssl = open_connection(run.context, &run.target), .events = EPOLLOUT, .since = now_ns()};
    c->dialogue = run.protocol->open(&run.task, c, take_answer);
    watch(run.loop.epoll_fd, EPOLL_CTL_ADD, SSL_get_fd(c->ssl), c->events, c);
    run.opened++;
}

static void ask_all(struct connection *c)
{
    for (int i = 0; i < run.requests; i++) {
        run.owed++;
        run.protocol->ask(c->dialogue);
    }
    send_some(c);
}

static void shake_hands(struct connection *c)
{
    int result = SSL_do_handshake(c->ssl);
    if (result != 1) {
        int reason = SSL_get_error(c->ssl, result);
        if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) fail_tls("handshake", c->ssl, result);
        ask_for(c, reason == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
        return;
    }
    const unsigned char *name;
    unsigned size;
    SSL_get0_alpn_selected(c->ssl, &name, &size);
    if (size != strlen(run.protocol->name) || memcmp(name, run.protocol->name, size) != 0)
        fail("the server chose '%.*s' by ALPN, not %s", (int)size, (const char *)name, run.protocol->name);
    c->is_ready = 1;
    run.ready++;
    run.report.handshakes++;
    run.report.resumed += (uint64_t)SSL_session_reused(c->ssl);
    report_session(&run.report, c->ssl);
    ask_for(c, EPOLLIN);
    if (run.sending) ask_all(c);
}

static void close_one(struct connection *c)
{
    run.protocol->close(c->dialogue);
    close_connection(c->ssl);
    c->ssl = NULL;
}

static void advance(void *connection)
{
    struct connection *c = connection;
    ERR_clear_error();
    if (!c->is_ready) {
        shake_hands(c);
        return;
    }
    receive_some(c);
    if (!c->is_done) {
        send_some(c);
        return;
    }
    close_one(c);
    if (run.sending) open_one(c);
}

/* A few handshakes at a time: all at once would overflow the backlog of some servers. */
static void connect_all(void)
{
    while (run.ready < run.connections) {
        while (run.opened < run.connections && run.opened - run.ready < MAX_HANDSHAKES) open_one(&run.all[run.opened]);
        loop_turn(&run.loop, 1000);
    }
}

static void drain(void)
{
    run.sending = 0;
    uint64_t end = now_ns() + DRAIN_SECONDS * 1000000000ull;
    while (run.owed > 0 && now_ns() < end) loop_turn(&run.loop, 100);
    if (run.owed > 0) fail("%d responses did not come", run.owed);
}

static void begin_all(void)
{
    if (run.mode == NEW) {
        run.sending = 1;
        for (int i = 0; i < run.connections; i++) open_one(&run.all[i]);
        return;
    }
    connect_all();
    run.sending = 1;
    for (int i = 0; i < run.connections; i++) ask_all(&run.all[i]);
}

static void measure(double warm_up, double seconds)
{
    begin_all();
    if (run.mode == IDLE) {
        drain();
        report_start(&run.report);
        loop_hold(&run.loop);
        report_end(&run.report);
        return;
    }
    loop_run_for(&run.loop, warm_up);
    report_start(&run.report);
    loop_run_for(&run.loop, seconds);
    report_end(&run.report);
    struct report measured = run.report;
    drain();
    loop_hold(&run.loop);
    run.report = measured;
}

static void prepare(void)
{
    raise_descriptor_limit(run.connections);
    run.context = create_context(&run.target);
    unsigned char names[16];
    size_t size = strlen(run.protocol->name);
    names[0] = (unsigned char)size;
    memcpy(names + 1, run.protocol->name, size);
    /* Unlike its siblings this function returns 0 for success. */
    if (SSL_CTX_set_alpn_protos(run.context, names, (unsigned)size + 1) != 0) fail_tls("ALPN", NULL, 0);
    loop_open(&run.loop, advance);
    run.all = calloc((size_t)run.connections, sizeof *run.all);
    if (run.all == NULL) fail("out of memory");
}

/* The whole of a file; "-" is none. */
static const unsigned char *read_file(const char *name, size_t *size)
{
    *size = 0;
    if (strcmp(name, "-") == 0) return NULL;
    FILE *file = fopen(name, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail("%s: %s", name, strerror(errno));
    long length = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc((size_t)length + 1);
    if (bytes == NULL) fail("out of memory");
    *size = fread(bytes, 1, (size_t)length, file);
    fclose(file);
    return bytes;
}

static int usage(void)
{
    fputs("Usage: http-load keep|new|idle PORT CA CERT KEY 1.2|1.3 http/1.1|h2 METHOD PATH BODY EXPECTED CONNECTIONS REQUESTS\n"
          "                 WARM-UP SECONDS\n"
          "BODY and EXPECTED are files (- for no body). REQUESTS: at a time on a connection; one with HTTP/1.1. Times in seconds.\n"
          "keep and idle hold their connections until standard input ends.\n",
        stderr);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc != 16) return usage();
    run.target = (struct target){.port = (uint16_t)atoi(argv[2]), .ca = argv[3], .cert = argv[4], .key = argv[5], .version = argv[6]};
    run.mode = strcmp(argv[1], "keep") == 0 ? KEEP : strcmp(argv[1], "new") == 0 ? NEW : IDLE;
    run.protocol = strcmp(argv[7], "h2") == 0 ? &http2 : &http1;
    run.task.method = argv[8];
    run.task.path = argv[9];
    run.task.body = read_file(argv[10], &run.task.body_size);
    run.task.expected = read_file(argv[11], &run.task.expected_size);
    run.connections = atoi(argv[12]);
    run.requests = atoi(argv[13]);
    if (run.mode == IDLE && strcmp(argv[1], "idle") != 0) return usage();
    if (run.connections < 1 || run.requests < 1 || (run.protocol == &http1 && run.requests != 1)) return usage();
    signal(SIGPIPE, SIG_IGN);
    prepare();
    measure(atof(argv[14]), atof(argv[15]));
    for (int i = 0; i < run.connections; i++) {
        if (run.all[i].ssl != NULL) close_one(&run.all[i]);
    }
    report_print(&run.report);
    return 0;
}
