/*
 * The limit that the other servers are measured against: an echo server on epoll and OpenSSL, one thread, mutual TLS.
 *
 * What makes it fast: read-ahead (one read(2) takes the record header, its body and what follows), no read(2) that
 * only says EAGAIN, one buffer for all connections, and OpenSSL's own buffers freed while a connection rests.
 *
 * Usage: echo_server PORT CA.pem CERT.pem KEY.pem 1.2|1.3
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 256, BUFFER_SIZE = 64 * 1024 };

struct connection {
    SSL *ssl;
    int fd;
    int wants_write;         /* whether EPOLLOUT is asked for */
    unsigned char *unsent;   /* a copy of what the peer does not take; NULL nearly always */
    size_t unsent_size;
    size_t unsent_sent;
};

static unsigned char buffer[BUFFER_SIZE];
static int epoll_fd;

static void fail(const char *what)
{
    fprintf(stderr, "echo_server: %s: %s\n", what, errno ? strerror(errno) : "failed");
    ERR_print_errors_fp(stderr);
    exit(1);
}

static SSL_CTX *create_context(const char *ca, const char *cert, const char *key, const char *version)
{
    int tls = strcmp(version, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) fail("SSL_CTX_new");
    SSL_CTX_set_min_proto_version(context, tls);
    SSL_CTX_set_max_proto_version(context, tls);
    if (SSL_CTX_use_certificate_chain_file(context, cert) != 1) fail(cert);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) fail(key);
    if (SSL_CTX_load_verify_locations(context, ca, NULL) != 1) fail(ca);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(ca));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    /* Sessions live in tickets, at the clients: the server keeps none. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"echo", 4);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, size) != 0) fail("bind");
    if (listen(fd, SOMAXCONN) != 0) fail("listen");
    getsockname(fd, (struct sockaddr *)&address, &size);
    printf("Listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* .NET and Go do the same when they start. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void watch(int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll_fd, operation, fd, &event) != 0) fail("epoll_ctl");
}

static void want_write(struct connection *c, int wanted)
{
    if (c->wants_write == wanted) return;
    c->wants_write = wanted;
    watch(EPOLL_CTL_MOD, c->fd, wanted ? EPOLLOUT : EPOLLIN, c);
}

static void accept_all(int listener, SSL_CTX *context)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = calloc(1, sizeof *c);
        SSL *ssl = SSL_new(context);
        if (c == NULL || ssl == NULL) fail("out of memory");
        SSL_set_fd(ssl, fd);
        SSL_set_accept_state(ssl);
        *c = (struct connection){.ssl = ssl, .fd = fd};
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
    }
    if (errno != EAGAIN && errno != ECONNABORTED) fail("accept");
}

static void close_connection(struct connection *c, int in_order)
{
    if (in_order) SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    close(c->fd);
    free(c->unsent);
    free(c);
}

/* Sends as much as the peer takes. Returns the number of bytes sent, or -1 when the connection is broken. */
static ssize_t send_some(struct connection *c, const unsigned char *data, size_t size)
{
    size_t sent = 0, now;
    while (sent < size) {
        if (SSL_write_ex(c->ssl, data + sent, size - sent, &now) != 1)
            return SSL_get_error(c->ssl, 0) == SSL_ERROR_WANT_WRITE ? (ssize_t)sent : -1;
        sent += now;
    }
    return (ssize_t)sent;
}

/* Echoes what is in the buffer; what the peer does not take now is copied. Returns 0 when the connection is broken. */
static int echo(struct connection *c, size_t size)
{
    ssize_t sent = send_some(c, buffer, size);
    if (sent < 0) return 0;
    if ((size_t)sent == size) return 1;
    c->unsent_size = size - (size_t)sent;
    c->unsent_sent = 0;
    c->unsent = malloc(c->unsent_size);
    if (c->unsent == NULL) fail("out of memory");
    memcpy(c->unsent, buffer + sent, c->unsent_size);
    want_write(c, 1);
    return 1;
}

/* Returns 1 when nothing is left to send, 0 when the peer still takes too little, -1 when the connection is broken. */
static int send_unsent(struct connection *c)
{
    ssize_t sent = send_some(c, c->unsent + c->unsent_sent, c->unsent_size - c->unsent_sent);
    if (sent < 0) return -1;
    c->unsent_sent += (size_t)sent;
    if (c->unsent_sent < c->unsent_size) return 0;
    free(c->unsent);
    c->unsent = NULL;
    want_write(c, 0);
    return 1;
}

static void serve(struct connection *c)
{
    if (c->unsent != NULL) {
        int done = send_unsent(c);
        if (done < 0) close_connection(c, 0);
        if (done <= 0) return;
    }

    /* The handshake happens inside the first reads. */
    do {
        size_t size;
        if (SSL_read_ex(c->ssl, buffer, sizeof buffer, &size) != 1) {
            int error = SSL_get_error(c->ssl, 0);
            if (error == SSL_ERROR_WANT_READ) want_write(c, 0);
            else if (error == SSL_ERROR_WANT_WRITE) want_write(c, 1);
            else close_connection(c, error == SSL_ERROR_ZERO_RETURN);
            return;
        }
        if (!echo(c, size)) {
            close_connection(c, 0);
            return;
        }
    } while (c->unsent == NULL && SSL_has_pending(c->ssl));
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "Usage: echo_server PORT CA.pem CERT.pem KEY.pem 1.2|1.3\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    SSL_CTX *context = create_context(argv[2], argv[3], argv[4], argv[5]);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on((uint16_t)atoi(argv[1]));
    watch(EPOLL_CTL_ADD, listener, EPOLLIN, NULL);

    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int count = epoll_wait(epoll_fd, events, MAX_EVENTS, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            /* Old errors of one connection must not be taken for those of the next. */
            ERR_clear_error();
            if (events[i].data.ptr == NULL) accept_all(listener, context);
            else serve(events[i].data.ptr);
        }
    }
}
