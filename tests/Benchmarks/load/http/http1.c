/* HTTP/1.1 (RFC 9112): one request at a time, an answer of known length or in chunks. */
#include "protocol.h"

#include "../shared/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE = 1024 };

/* Where in the answer the next byte belongs. */
enum part { STATUS, HEADER, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

struct dialogue {
    const struct task *task;
    void *connection;
    answered *answered;
    unsigned char *request; /* the same each time: head and body in one piece */
    size_t request_size;
    int is_queued, is_awaited;
    uint64_t since;
    enum part part;
    char line[LINE]; /* a line that has come in part */
    size_t line_size;
    int is_chunked;
    size_t left, compared; /* of the body or the chunk; of the expected body */
};

static void *open_dialogue(const struct task *task, void *connection, answered *answered)
{
    struct dialogue *d = calloc(1, sizeof *d);
    char head[LINE], length[64] = "";
    if (task->body_size > 0) snprintf(length, sizeof length, "Content-Length: %zu\r\n", task->body_size);
    int size = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", task->method, task->path, length);
    if (d == NULL || (d->request = malloc((size_t)size + task->body_size)) == NULL) fail("out of memory");
    memcpy(d->request, head, (size_t)size);
    if (task->body_size > 0) memcpy(d->request + size, task->body, task->body_size);
    d->request_size = (size_t)size + task->body_size;
    d->task = task;
    d->connection = connection;
    d->answered = answered;
    return d;
}

static void close_dialogue(void *dialogue)
{
    struct dialogue *d = dialogue;
    free(d->request);
    free(d);
}

static void ask(void *dialogue)
{
    struct dialogue *d = dialogue;
    d->is_queued = d->is_awaited = 1;
    d->since = now_ns();
    d->part = STATUS;
    d->is_chunked = 0;
    d->left = d->compared = 0;
}

static size_t say_request(void *dialogue, const unsigned char **bytes)
{
    struct dialogue *d = dialogue;
    if (!d->is_queued) return 0;
    d->is_queued = 0;
    *bytes = d->request;
    return d->request_size;
}

static void finish(struct dialogue *d)
{
    if (d->compared != d->task->expected_size) fail("a body has %zu bytes, not %zu", d->compared, d->task->expected_size);
    d->is_awaited = 0;
    d->answered(d->connection, d->since);
}

static int has_name(const char *line, const char *name, const char **value)
{
    size_t size = strlen(name);
    if (strncasecmp(line, name, size) != 0 || line[size] != ':') return 0;
    *value = line + size + 1 + strspn(line + size + 1, " \t");
    return 1;
}

static void take_header(struct dialogue *d, const char *line)
{
    const char *value;
    if (has_name(line, "Content-Length", &value)) d->left = strtoul(value, NULL, 10);
    else if (has_name(line, "Transfer-Encoding", &value)) d->is_chunked = strcasecmp(value, "chunked") == 0;
    else if (has_name(line, "Connection", &value) && strcasecmp(value, "close") == 0) fail("the server means to close the connection");
}

/* `line` without its end. */
static void take_line(struct dialogue *d, const char *line)
{
    switch (d->part) {
    case STATUS:
        if (strncmp(line, "HTTP/1.1 200 ", 13) != 0) fail("the answer is '%s'", line);
        d->part = HEADER;
        return;
    case HEADER:
        if (line[0] != 0) take_header(d, line);
        else if (d->is_chunked) d->part = CHUNK_SIZE;
        else if (d->left > 0) d->part = BODY;
        else finish(d);
        return;
    case CHUNK_SIZE:
        d->left = strtoul(line, NULL, 16);
        d->part = d->left > 0 ? CHUNK : TRAILER;
        return;
    case CHUNK_END:
        if (line[0] != 0) fail("a chunk is longer than it says");
        d->part = CHUNK_SIZE;
        return;
    default:
        if (line[0] == 0) finish(d);
    }
}

/* Returns how many of the bytes belong to the line that was begun. */
static size_t hear_line(struct dialogue *d, const unsigned char *bytes, size_t size)
{
    const unsigned char *end = memchr(bytes, '\n', size);
    size_t used = end != NULL ? (size_t)(end - bytes) + 1 : size;
    if (d->line_size + used >= LINE) fail("a line of the answer has more than %d bytes", LINE);
    memcpy(d->line + d->line_size, bytes, used);
    d->line_size += used;
    if (end == NULL) return used;
    size_t length = d->line_size - 1;
    if (length > 0 && d->line[length - 1] == '\r') length--;
    d->line[length] = 0;
    d->line_size = 0;
    take_line(d, d->line);
    return used;
}

static size_t hear_body(struct dialogue *d, const unsigned char *bytes, size_t size)
{
    size_t used = size < d->left ? size : d->left;
    if (used > d->task->expected_size - d->compared) fail("a body is longer than %zu bytes", d->task->expected_size);
    if (memcmp(bytes, d->task->expected + d->compared, used) != 0) fail("a body differs from what was expected");
    d->compared += used;
    d->left -= used;
    if (d->left > 0) return used;
    if (d->part == CHUNK) d->part = CHUNK_END;
    else finish(d);
    return used;
}

static void hear(void *dialogue, const unsigned char *bytes, size_t size)
{
    struct dialogue *d = dialogue;
    while (size > 0) {
        if (!d->is_awaited) fail("the server sent bytes that nobody asked for");
        size_t used = d->part == BODY || d->part == CHUNK ? hear_body(d, bytes, size) : hear_line(d, bytes, size);
        bytes += used;
        size -= used;
    }
}

const struct protocol http1 = {"http/1.1", open_dialogue, ask, hear, say_request, close_dialogue};
