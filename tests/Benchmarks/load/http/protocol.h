/* What is said on a connection, apart from how its bytes travel: HTTP/1.1 or HTTP/2. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

/* The one request that is made over and over, and the one body that answers it. */
struct task {
    const char *method, *path;
    const unsigned char *body, *expected;
    size_t body_size, expected_size;
};

/* Told of each response that was whole and right: status 200 and the expected body. `since`: when its request was made. */
typedef void answered(void *connection, uint64_t since);

struct protocol {
    /* As in ALPN (RFC 7301 section 6). */
    const char *name;
    /* `connection` is handed to `answered`, which may call `ask`. */
    void *(*open)(const struct task *task, void *connection, answered *answered);
    /* Queues one more request. */
    void (*ask)(void *dialogue);
    /* Takes bytes that have come; what is not as it should be ends the program. */
    void (*hear)(void *dialogue, const unsigned char *bytes, size_t size);
    /* The next bytes to send, until there are none. They hold until the next call. */
    size_t (*say)(void *dialogue, const unsigned char **bytes);
    void (*close)(void *dialogue);
};

extern const struct protocol http1, http2;

#endif
