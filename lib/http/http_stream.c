/* The streams: what each client is sent, bit by bit. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "http_server.h"

#define TAKE_MS                                                               \
    10000              /* a client that has not taken a frame by then is gone \
                        */
#define ALIVE_MS 15000 /* how long a stream is silent at most */

/* libmicrohttpd's buffer for what we give it; it has another one as well. */
#define BLOCK_SIZE 1024

struct pf_http_frame *pf_http_frame_new(const void *bytes, size_t n)
{
    struct pf_http_frame *frame = malloc(sizeof *frame + n);

    if (!frame)
        return NULL;
    atomic_init(&frame->refs, 1);
    frame->n = n;
    memcpy(frame->bytes, bytes, n);
    return frame;
}

struct pf_http_frame *pf_http_frame_hold(struct pf_http_frame *frame)
{
    if (frame)
        atomic_fetch_add(&frame->refs, 1);
    return frame;
}

void pf_http_frame_drop(struct pf_http_frame *frame)
{
    if (frame && atomic_fetch_sub(&frame->refs, 1) == 1)
        free(frame);
}

/* libmicrohttpd asks for the next bytes. */
static ssize_t give(void *context, uint64_t pos, char *buf, size_t max)
{
    struct pf_http_request *r = context;
    size_t n;

    (void)pos;
    if (atomic_load(&r->http->is_ending))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!r->frame) {
        r->is_suspended = true;
        MHD_suspend_connection(r->connection);
        return 0;
    }
    n = r->frame->n - r->sent;
    if (n > max)
        n = max;
    memcpy(buf, r->frame->bytes + r->sent, n);
    r->sent += n;
    if (r->sent == r->frame->n) {
        pf_http_frame_drop(r->frame);
        r->frame = NULL;
    }
    return (ssize_t)n;
}

enum MHD_Result pf_http_stream_begin(struct pf_http_request *r)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_SIZE, give, r, NULL);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    pf_http_headers(r, response);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/event-stream");
    r->frame_ms = pf_now_ms();
    r->at = &r->http->streams;
    r->next_stream = r->http->streams;
    if (r->next_stream)
        r->next_stream->at = &r->next_stream;
    *r->at = r;
    result = MHD_queue_response(r->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

/* A comment shows the client that we are there, and us that it is. */
static struct pf_http_frame *alive(void)
{
    return pf_http_frame_new(":\n\n", 3);
}

static void tick(struct pf_http_request *r, int64_t now_ms)
{
    if (r->frame && now_ms - r->frame_ms > TAKE_MS && r->client)
        shutdown(r->client->fd, SHUT_RDWR);
    if (r->frame || !r->is_suspended)
        return;
    r->frame = r->stream->ops->next(r->stream);
    if (!r->frame && now_ms - r->frame_ms > ALIVE_MS)
        r->frame = alive();
    if (!r->frame)
        return;
    r->sent = 0;
    r->frame_ms = now_ms;
    r->is_suspended = false;
    MHD_resume_connection(r->connection);
}

void pf_http_streams_tick(struct pf_http *http, int64_t now_ms)
{
    for (struct pf_http_request *r = http->streams; r; r = r->next_stream)
        tick(r, now_ms);
}

void pf_http_streams_end(struct pf_http *http)
{
    for (struct pf_http_request *r = http->streams; r; r = r->next_stream) {
        if (r->is_suspended)
            MHD_resume_connection(r->connection);
        r->is_suspended = false;
    }
}
