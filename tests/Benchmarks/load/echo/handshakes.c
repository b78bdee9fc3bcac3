#include "handshakes.h"

#include "../shared/report.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 64, CLOSING_SECONDS = 5 };

/* Where a lane stands; each step is finished before the next one begins. */
enum step { HANDSHAKE, SEND, RECEIVE, CLOSE };

/* One connection after the other. */
struct lane {
    SSL *ssl;
    SSL_SESSION *ticket; /* the newest one; a ticket of TLS 1.3 is used once (RFC 8446 appendix C.4) */
    enum step step;
    unsigned char byte;
    uint32_t events;
    uint64_t since;
};

static struct {
    const struct target *target;
    SSL_CTX *context;
    int epoll_fd;
    int resume;
    int stopping; /* whether a lane that has closed stays closed */
    int open;
    struct report report;
} run;

/* With TLS 1.3 tickets come after the handshake: OpenSSL hands them over here, whenever one is read. */
static int keep_ticket(SSL *ssl, SSL_SESSION *session)
{
    struct lane *lane = SSL_get_app_data(ssl);
    if (!run.resume) return 0;
    SSL_SESSION_free(lane->ticket);
    lane->ticket = session;
    return 1;
}

static void offer_ticket(struct lane *lane)
{
    if (lane->ticket == NULL) return;
    if (SSL_set_session(lane->ssl, lane->ticket) != 1) fail_tls("ticket", NULL, 0);
    /* A server that gives no new ticket for TLS 1.2 means this one to be used on. */
    if (strcmp(run.target->version, "1.2") == 0) return;
    SSL_SESSION_free(lane->ticket);
    lane->ticket = NULL;
}

static void open_lane(struct lane *lane)
{
    lane->since = now_ns();
    lane->step = HANDSHAKE;
    lane->events = EPOLLOUT;
    lane->byte = (unsigned char)next_random();
    lane->ssl = open_connection(run.context, run.target);
    run.open++;
    SSL_set_app_data(lane->ssl, lane);
    offer_ticket(lane);
    watch(run.epoll_fd, EPOLL_CTL_ADD, SSL_get_fd(lane->ssl), lane->events, lane);
}

/* Does one step. Returns what OpenSSL returned: 1 for done. */
static int try_step(struct lane *lane)
{
    unsigned char got = 0;
    size_t count;
    switch (lane->step) {
    case HANDSHAKE:
        return SSL_do_handshake(lane->ssl);
    case SEND:
        return SSL_write_ex(lane->ssl, &lane->byte, 1, &count);
    case RECEIVE:
        if (SSL_read_ex(lane->ssl, &got, 1, &count) != 1) return 0;
        if (got != lane->byte) fail("an echo differs from what was sent");
        return 1;
    default:
        /* Until the server has closed too. */
        return SSL_read_ex(lane->ssl, &got, 1, &count);
    }
}

static void wait_for(struct lane *lane, uint32_t events)
{
    if (lane->events == events) return;
    lane->events = events;
    watch(run.epoll_fd, EPOLL_CTL_MOD, SSL_get_fd(lane->ssl), events, lane);
}

static void count(const struct lane *lane)
{
    run.report.round_trips++;
    run.report.handshakes++;
    run.report.resumed += (uint64_t)SSL_session_reused(lane->ssl);
    histogram_add(&run.report.latencies, now_ns() - lane->since);
    report_session(&run.report, lane->ssl);
}

static void close_lane(struct lane *lane)
{
    int fd = SSL_get_fd(lane->ssl);
    SSL_free(lane->ssl);
    close(fd);
    lane->ssl = NULL;
    run.open--;
}

static void advance(struct lane *lane)
{
    for (;;) {
        ERR_clear_error();
        int result = try_step(lane);
        if (result != 1) {
            int reason = SSL_get_error(lane->ssl, result);
            if (reason == SSL_ERROR_WANT_READ) wait_for(lane, EPOLLIN);
            else if (reason == SSL_ERROR_WANT_WRITE) wait_for(lane, EPOLLOUT);
            else if (lane->step != CLOSE) fail_tls("connection lost", lane->ssl, result);
            else {
                /* However the server ends after our close_notify, the echo was whole. */
                close_lane(lane);
                if (!run.stopping) open_lane(lane);
            }
            return;
        }
        if (lane->step == CLOSE) fail("the server sent bytes that nobody sent to it");
        if (lane->step == RECEIVE) {
            count(lane);
            SSL_shutdown(lane->ssl);
            shutdown(SSL_get_fd(lane->ssl), SHUT_WR);
        }
        lane->step++;
    }
}

static void run_for(double seconds)
{
    struct epoll_event events[MAX_EVENTS];
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    for (uint64_t now = now_ns(); now < end && run.open > 0; now = now_ns()) {
        int count = epoll_wait(run.epoll_fd, events, MAX_EVENTS, (int)((end - now) / 1000000) + 1);
        if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < count; i++) advance(events[i].data.ptr);
    }
}

int run_handshakes(const struct target *target, int resume, int lanes, double warm_up, double seconds)
{
    run.target = target;
    run.resume = resume;
    raise_descriptor_limit(lanes);
    run.context = create_context(target);
    run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    SSL_CTX_set_session_cache_mode(run.context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(run.context, keep_ticket);
    struct lane *all = calloc((size_t)lanes, sizeof *all);
    if (all == NULL) fail("out of memory");
    for (int i = 0; i < lanes; i++) open_lane(&all[i]);
    run_for(warm_up);
    report_start(&run.report);
    run_for(seconds);
    report_end(&run.report);
    struct report measured = run.report;
    run.stopping = 1;
    run_for(CLOSING_SECONDS);
    report_print(&measured);
    return 0;
}
