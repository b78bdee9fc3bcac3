/* HTTP/2 (RFC 9113) by libnghttp2: each request a stream of its own, several at a time. */
#include "protocol.h"

#include "../shared/common.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT = 16 * 1024 };

struct dialogue {
    const struct task *task;
    void *connection;
    answered *answered;
    nghttp2_session *session;
    const uint8_t *rest; /* of a frame that the output had no room for */
    size_t rest_size;
    unsigned char output[OUTPUT]; /* frames in one piece, as one TLS record */
};

struct stream {
    uint64_t since;
    int is_right; /* the status was 200 */
    size_t compared;
};

static int take_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
    const uint8_t *value, size_t value_size, uint8_t flags, void *dialogue)
{
    (void)flags, (void)dialogue;
    if (name_size != 7 || memcmp(name, ":status", 7) != 0) return 0;
    if (value_size != 3 || memcmp(value, "200", 3) != 0) fail("the answer has status %.*s", (int)value_size, value);
    struct stream *s = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (s != NULL) s->is_right = 1;
    return 0;
}

static int take_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t size, void *dialogue)
{
    (void)flags;
    const struct task *task = ((struct dialogue *)dialogue)->task;
    struct stream *s = nghttp2_session_get_stream_user_data(session, id);
    if (s == NULL || size > task->expected_size - s->compared) fail("a body is longer than %zu bytes", task->expected_size);
    if (memcmp(bytes, task->expected + s->compared, size) != 0) fail("a body differs from what was expected");
    s->compared += size;
    return 0;
}

static int take_end(nghttp2_session *session, int32_t id, uint32_t error, void *dialogue)
{
    struct dialogue *d = dialogue;
    struct stream *s = nghttp2_session_get_stream_user_data(session, id);
    if (error != 0 || s == NULL) fail("a stream ended with %s", nghttp2_http2_strerror(error));
    if (!s->is_right || s->compared != d->task->expected_size) fail("a body has %zu bytes, not %zu", s->compared, d->task->expected_size);
    uint64_t since = s->since;
    free(s);
    d->answered(d->connection, since);
    return 0;
}

static int take_frame(nghttp2_session *session, const nghttp2_frame *frame, void *dialogue)
{
    (void)session, (void)dialogue;
    if (frame->hd.type == NGHTTP2_GOAWAY) fail("the server sent GOAWAY: %s", nghttp2_http2_strerror(frame->goaway.error_code));
    return 0;
}

static void *open_dialogue(const struct task *task, void *connection, answered *answered)
{
    struct dialogue *d = calloc(1, sizeof *d);
    nghttp2_session_callbacks *callbacks;
    if (d == NULL || nghttp2_session_callbacks_new(&callbacks) != 0) fail("out of memory");
    if (task->body_size > 0) fail("a request with a body is made over HTTP/1.1 only");
    d->task = task;
    d->connection = connection;
    d->answered = answered;
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, take_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, take_end);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, take_frame);
    if (nghttp2_session_client_new(&d->session, callbacks, d) != 0) fail("out of memory");
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(d->session, NGHTTP2_FLAG_NONE, NULL, 0);
    return d;
}

static void close_dialogue(void *dialogue)
{
    struct dialogue *d = dialogue;
    nghttp2_session_del(d->session);
    free(d);
}

static nghttp2_nv field(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value),
        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

static void ask(void *dialogue)
{
    struct dialogue *d = dialogue;
    struct stream *s = calloc(1, sizeof *s);
    if (s == NULL) fail("out of memory");
    s->since = now_ns();
    nghttp2_nv fields[] = {
        field(":method", d->task->method), field(":scheme", "https"), field(":authority", "localhost"), field(":path", d->task->path)};
    int32_t id = nghttp2_submit_request(d->session, NULL, fields, sizeof fields / sizeof *fields, NULL, s);
    if (id < 0) fail("a request cannot be made: %s", nghttp2_strerror(id));
}

static void hear(void *dialogue, const unsigned char *bytes, size_t size)
{
    struct dialogue *d = dialogue;
    ssize_t used = nghttp2_session_mem_recv(d->session, bytes, size);
    if (used < 0) fail("the server does not speak HTTP/2: %s", nghttp2_strerror((int)used));
}

static size_t say_frames(void *dialogue, const unsigned char **bytes)
{
    struct dialogue *d = dialogue;
    size_t size = 0;
    for (;;) {
        if (d->rest_size == 0) {
            ssize_t frame = nghttp2_session_mem_send(d->session, &d->rest);
            if (frame < 0) fail("a frame cannot be made: %s", nghttp2_strerror((int)frame));
            if (frame == 0) break;
            d->rest_size = (size_t)frame;
        }
        size_t room = OUTPUT - size, now = d->rest_size < room ? d->rest_size : room;
        memcpy(d->output + size, d->rest, now);
        size += now;
        d->rest += now;
        d->rest_size -= now;
        if (d->rest_size > 0) break;
    }
    *bytes = d->output;
    return size;
}

const struct protocol http2 = {"h2", open_dialogue, ask, hear, say_frames, close_dialogue};
