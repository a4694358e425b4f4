/* http.h - a small HTTP server: routes, answers, streams, limits.
 *
 * libmicrohttpd speaks HTTP; one thread serves all connections, and two more
 * work on what takes time. Only GET and HEAD are served, and only to whoever
 * names a host that is allowed, see struct pf_http_conf.
 */
#ifndef PF_HTTP_H
#define PF_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

/** A server that is running. */
struct pf_http;

/** A request that is being answered. */
struct pf_http_request;

/** How many parts of a path a route may leave open. */
#define PF_HTTP_PARTS 3

/** An answer, to be filled by a route. It begins as 200 without a body. */
struct pf_http_reply {
    unsigned status;
    const char *type;        /* a constant, such as "application/json" */
    const char *disposition; /* a constant: Content-Disposition; or NULL */
    char tag[17];            /* of the ETag; empty: there is none */
    struct pf_buffer body;   /* becomes the server's */
};

/** Bytes that are sent to one or to many, see pf_http_frame_new(). */
struct pf_http_frame {
    _Atomic unsigned refs;
    size_t n;
    char bytes[];
};

/**
 * A frame with a copy of n bytes, held once, or NULL: out of memory. Frames of
 * an event stream are whole events: lines, and an empty line.
 */
struct pf_http_frame *pf_http_frame_new(const void *bytes, size_t n);

/** Hold it once more, which is returned; hold it once less. NULL is allowed. */
struct pf_http_frame *pf_http_frame_hold(struct pf_http_frame *frame);
void pf_http_frame_drop(struct pf_http_frame *frame);

/** A stream of events to one client. Each kind embeds it as its first member.
 */
struct pf_http_stream {
    const struct pf_http_stream_ops *ops;
};

struct pf_http_stream_ops {
    /**
     * The next frame, which the server then holds, or NULL: there is nothing
     * yet. Asked every PF_HTTP_TICK_MS, by the server's thread, when the client
     * has taken the frame before: what a slow client misses is this function's
     * to fold in. Must not wait.
     */
    struct pf_http_frame *(*next)(struct pf_http_stream *stream);

    /** The client is gone: free the stream. */
    void (*close)(struct pf_http_stream *stream);
};

#define PF_HTTP_TICK_MS 100

/** One resource. */
struct pf_http_route {
    /** "/api/v1/topics/{}/records": {} stands for one part of any content. */
    const char *path; /* NULL ends a table */

    /** Fill *reply; by the server's thread, so it must not wait. One of these
     * three is there, the others are NULL. */
    void (*answer)(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply);

    /** The same by another thread: it may wait, for PF_HTTP_SLOW_MS at most.
     * Two of them may be at work at a time. */
    void (*slow)(void *context, const struct pf_http_request *request,
                 struct pf_http_reply *reply);

    /** Begin a stream of events, or fill *reply and return NULL. */
    struct pf_http_stream *(*stream)(void *context,
                                     const struct pf_http_request *request,
                                     struct pf_http_reply *reply);

    /** Also for those who have no token: it tells nothing. */
    bool is_open;
};

#define PF_HTTP_SLOW_MS 5000

/** Who may ask, and how many. All texts are borrowed. */
struct pf_http_conf {
    const char *listen; /* host:port */

    /** Besides localhost and loopback addresses, the names in the Host header
     * that are served, separated by commas: a page elsewhere must not reach us
     * by a name of its own that points here (DNS rebinding). */
    const char *hosts;

    /** Whoever asks must have it: as Authorization: Bearer, or as the cookie
     * that /login?token=... sets. Hosts then do not matter. NULL: nobody. */
    const char *token;

    const char *origin; /* another site whose pages may read answers; or NULL */
    unsigned connections; /* at most that many at once */
    int request_ms; /* a request must come within that time; 0: 10 s. A tenth of
                     * that while three quarters of the places are taken */
};

/**
 * Check conf: it listens on loopback, or has a token, or is_published says that
 * somebody else keeps others out, such as a published port of a container.
 *
 * PF_CONFIG  listen is not host:port, or others could ask
 */
enum pf_rc pf_http_check(const struct pf_http_conf *conf, bool is_published,
                         struct pf_error *err);

/**
 * Begin to serve routes, a constant table, which get context. They are asked
 * in the table's order.
 *
 * PF_CONFIG  conf.listen is not an address of this machine
 * PF_IO      the address is taken, or a system call failed
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_http_open(const struct pf_http_conf *conf,
                        const struct pf_http_route *routes, void *context,
                        struct pf_http **ret, struct pf_error *err);

/** The port that is listened on. */
int pf_http_port(const struct pf_http *http);

/** End all connections and streams, once the routes at work are through. NULL
 * does nothing. */
void pf_http_close(struct pf_http *http);

/** The part of the path that the route's n-th {} stands for, from 0, decoded:
 * any text but NUL. */
const char *pf_http_part(const struct pf_http_request *request, size_t n);

/** The path that was asked for, as it was sent; its parts are not in it any
 * more if the route has some. */
const char *pf_http_path(const struct pf_http_request *request);

/** The value of ?name=..., decoded, or NULL: not given. */
const char *pf_http_query(const struct pf_http_request *request,
                          const char *name);

/** The same as a whole number from min to max. *ret stays as it is if it is not
 * given. False: it is not one, and *reply has the refusal. */
bool pf_http_query_number(const struct pf_http_request *request,
                          const char *name, int64_t min, int64_t max,
                          struct pf_http_reply *reply, int64_t *ret);

/** Look at a parameter, whose texts are borrowed from the request. False: no
 * more. */
typedef bool pf_http_look(void *context, const char *name, const char *value);

/** Call look() for each parameter after ?, in their order; one without a value
 * has "". False: look() wants no more, or a parameter has a NUL. */
bool pf_http_queries(const struct pf_http_request *request, pf_http_look *look,
                     void *context);

/** The value of a header, or NULL. */
const char *pf_http_header(const struct pf_http_request *request,
                           const char *name);

/** True once the server is about to end: work that takes long gives up. */
bool pf_http_is_ending(const struct pf_http_request *request);

/** Give an answer that is complete an ETag, made of its body. Whoever has that
 * body already, by If-None-Match, gets 304 without one. */
void pf_http_tag(const struct pf_http_request *request,
                 struct pf_http_reply *reply);

/** Answer with status and {"error": "..."}: one sentence, as printf(3). It may
 * contain any bytes. */
void pf_http_refuse(struct pf_http_reply *reply, unsigned status,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct json_object;

/** Answer with json, of which this call takes over one reference. NULL: memory
 * ran out. */
void pf_http_json(struct pf_http_reply *reply, struct json_object *json);

/** Append one server-sent event of that name with json as its data; takes over
 * a reference. Without memory *events has failed. */
void pf_http_put_event(struct pf_buffer *events, const char *name,
                       struct json_object *json);

/** The same as a frame of its own. NULL: out of memory. */
struct pf_http_frame *pf_http_event(const char *name, struct json_object *json);

#endif
