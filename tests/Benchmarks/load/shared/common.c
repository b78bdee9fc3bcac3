#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct cpu_time cpu_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct cpu_time){
        .user_us = (uint64_t)usage.ru_utime.tv_sec * 1000000u + (uint64_t)usage.ru_utime.tv_usec,
        .system_us = (uint64_t)usage.ru_stime.tv_sec * 1000000u + (uint64_t)usage.ru_stime.tv_usec,
    };
}

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void fail_tls(const char *what, const SSL *ssl, int result)
{
    int reason = ssl != NULL ? SSL_get_error(ssl, result) : SSL_ERROR_SSL;
    const char *words = reason == SSL_ERROR_ZERO_RETURN ? "the server closed the connection"
        : reason == SSL_ERROR_SYSCALL                   ? (errno != 0 ? strerror(errno) : "the connection ended")
                                                        : ERR_reason_error_string(ERR_peek_last_error());
    fail("%s: %s", what, words != NULL ? words : "unknown reason");
}

void say(const char *word)
{
    puts(word);
    fflush(stdout);
}

SSL_CTX *create_context(const struct target *target)
{
    int tls = strcmp(target->version, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) fail_tls("SSL_CTX_new", NULL, 0);
    SSL_CTX_set_min_proto_version(context, tls);
    SSL_CTX_set_max_proto_version(context, tls);
    if (SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") != 1
        || SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384") != 1
        || SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1)
        fail_tls("cipher suite", NULL, 0);
    if (SSL_CTX_use_certificate_chain_file(context, target->cert) != 1) fail_tls(target->cert, NULL, 0);
    if (SSL_CTX_use_PrivateKey_file(context, target->key, SSL_FILETYPE_PEM) != 1) fail_tls(target->key, NULL, 0);
    if (SSL_CTX_load_verify_locations(context, target->ca, NULL) != 1) fail_tls(target->ca, NULL, 0);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

/* Version 2, as HAProxy's send-proxy-v2 has it: the two addresses of TCP over IPv4, and no more. */
static void send_proxy_header(int fd)
{
    struct sockaddr_in from, to;
    socklen_t size = sizeof from;
    unsigned char header[28] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C";
    if (getsockname(fd, (struct sockaddr *)&from, &size) != 0 || getpeername(fd, (struct sockaddr *)&to, &size) != 0)
        fail("address: %s", strerror(errno));
    memcpy(header + 16, &from.sin_addr, 4);
    memcpy(header + 20, &to.sin_addr, 4);
    memcpy(header + 24, &from.sin_port, 2);
    memcpy(header + 26, &to.sin_port, 2);
    if (write(fd, header, sizeof header) != sizeof header) fail("header: %s", strerror(errno));
}

SSL *open_connection(SSL_CTX *context, const struct target *target)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(target->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    /* Over loopback a connection is there at once; the header takes a socket that waits for it. */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (target->send_proxy ? 0 : SOCK_NONBLOCK), 0);
    if (fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        fail("connect: %s", strerror(errno));
    if (target->send_proxy) {
        send_proxy_header(fd);
        if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl: %s", strerror(errno));
    }

    SSL *ssl = SSL_new(context);
    if (ssl == NULL) fail("out of memory");
    SSL_set_fd(ssl, fd);
    SSL_set_connect_state(ssl);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set1_host(ssl, "localhost");
    return ssl;
}

void close_connection(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

void watch(int epoll_fd, int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll_fd, operation, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

uint64_t next_random(void)
{
    /* xorshift64*, Vigna 2016. */
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Du;
}

void raise_descriptor_limit(int wanted)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)wanted + 64)
        fail("%d connections need %d descriptors, and only %llu are allowed", wanted, wanted + 64, (unsigned long long)limit.rlim_max);
}
