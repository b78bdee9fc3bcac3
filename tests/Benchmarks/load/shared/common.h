/* What all modes of the load generator share: time, CPU time, failure, the TLS context, sockets. */
#ifndef COMMON_H
#define COMMON_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct target {
    uint16_t port;
    const char *ca, *cert, *key, *version;
    int send_proxy; /* whether each connection begins with a header of the PROXY protocol */
};

struct cpu_time {
    uint64_t user_us, system_us;
};

uint64_t now_ns(void);
struct cpu_time cpu_now(void);

/* Says why and ends with exit code 1: a benchmark with a lost connection or a wrong byte measures nothing. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As fail(), with what OpenSSL and the system say of the operation that failed. */
_Noreturn void fail_tls(const char *what, const SSL *ssl, int result);

/* Tells the orchestrator that a line of the protocol on standard output is reached: START or END. */
void say(const char *word);

/*
 * Offers exactly one cipher suite and a key share of X25519, so that all servers do the same cryptography. P-256 is
 * named because TLS 1.2 takes the same list for the curves of certificates.
 */
SSL_CTX *create_context(const struct target *target);

/* A non-blocking socket with a connection under way, inside an SSL in the state to connect. */
SSL *open_connection(SSL_CTX *context, const struct target *target);

/* Sends close_notify, closes the socket, frees. */
void close_connection(SSL *ssl);

void watch(int epoll_fd, int operation, int fd, uint32_t events, void *data);

/* Random numbers from the same seed in every run, so that all servers get the same messages. */
uint64_t next_random(void);

/* Raises the limit of open descriptors to its maximum. */
void raise_descriptor_limit(int wanted);

#endif
