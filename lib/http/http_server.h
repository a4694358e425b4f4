/* http_server.h - what the files of this room share. */
#ifndef PF_HTTP_SERVER_H
#define PF_HTTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "http.h"
#include "mhd.h"

/** A connection, and how long it has kept us waiting. */
struct pf_http_client {
    struct pf_http_client *next, **at; /* in the list of all */
    int fd;                            /* libmicrohttpd's */
    bool is_answered;                  /* else we wait for its request */
    int64_t since_ms;                  /* on the monotonic clock */
};

/** What is known of a request that has been routed. */
enum pf_http_state {
    PF_HTTP_NEW,     /* not looked at yet */
    PF_HTTP_WORKING, /* a worker has it, or will: it is suspended */
    PF_HTTP_READY,   /* its reply is ready to be sent */
};

struct pf_http_request {
    struct pf_http *http;
    struct MHD_Connection *connection;
    struct pf_http_client *client; /* NULL: memory ran out */
    const struct pf_http_route *route;
    bool is_seen; /* its headers have come */
    enum pf_http_state state;
    char *path;                       /* as it was sent, cut at '?' */
    const char *parts[PF_HTTP_PARTS]; /* decoded, in path */
    struct pf_http_reply reply;
    struct pf_http_request *next; /* among the jobs */

    /* Of a stream. */
    struct pf_http_stream *stream;             /* NULL: it is none */
    struct pf_http_frame *frame;               /* being sent, or NULL */
    size_t sent;                               /* bytes of frame */
    int64_t frame_ms;                          /* when the last one began */
    bool is_suspended;                         /* it waits for a frame */
    struct pf_http_request *next_stream, **at; /* in the list of all */
};

/** Work for other threads. */
struct pf_http_jobs {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct pf_http_request *waiting, **last; /* first in, first out */
    struct pf_http_request *done;            /* last in, first out */
    unsigned n;                              /* how many wait */
    pthread_t workers[2];
    unsigned n_workers;
};

struct pf_http {
    struct pf_http_conf conf;
    const struct pf_http_route *routes;
    void *context;
    struct MHD_Daemon *daemon;
    int listening, wake; /* descriptors; wake is an eventfd */
    int port;
    pthread_t thread;
    bool has_thread;
    _Atomic bool is_ending; /* nothing new is begun */
    _Atomic bool is_idle;   /* and no worker is left */
    struct pf_http_jobs jobs;
    struct pf_http_client *clients;
    unsigned n_clients;
    bool was_busy; /* there were some when we last waited */
    struct pf_http_request *streams;
};

/** Wake the server's thread. */
void pf_http_wake(struct pf_http *http);

/** Callbacks of libmicrohttpd: a request line has come; a request has; it is
 * over, however that ended. */
void *pf_http_begin_request(void *http, const char *uri,
                            struct MHD_Connection *connection);
enum MHD_Result pf_http_serve(void *http, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *body,
                              size_t *body_size, void **request);
void pf_http_end_request(void *http, struct MHD_Connection *connection,
                         void **request, enum MHD_RequestTerminationCode why);

/** May whoever sends this request ask? Else *reply has the refusal. */
bool pf_http_admits(const struct pf_http_request *request,
                    struct pf_http_reply *reply);

/** The cookie that has the token. */
#define PF_HTTP_COOKIE "pricefeed"

/** Answer /login?token=... */
void pf_http_login(const struct pf_http_request *request,
                   struct pf_http_reply *reply);

/** Start the workers. PF_IO: the system gives no thread. */
enum pf_rc pf_http_jobs_open(struct pf_http *http, struct pf_error *err);

/** Have a worker fill the request's reply, if not too many wait already. */
bool pf_http_jobs_add(struct pf_http *http, struct pf_http_request *request);

/** Resume what is done. By the server's thread. */
void pf_http_jobs_resume(struct pf_http *http);

/** Wait for the work at hand; the rest is refused, and to be resumed. */
void pf_http_jobs_close(struct pf_http *http);

/** Begin to send the request's stream. */
enum MHD_Result pf_http_stream_begin(struct pf_http_request *request);

/** Send what the streams have. By the server's thread, each tick. */
void pf_http_streams_tick(struct pf_http *http, int64_t now_ms);

/** Resume all of them, so that they end. */
void pf_http_streams_end(struct pf_http *http);

/** The headers that each response has. */
void pf_http_headers(const struct pf_http_request *request,
                     struct MHD_Response *response);

#endif
