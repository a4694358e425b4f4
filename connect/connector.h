/* connector.h - one connector: its file, and how it is. */
#ifndef PF_CONNECTOR_H
#define PF_CONNECTOR_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/** When to try again what has failed: later each time, by the monotonic clock.
 * All zero: at once. */
struct again {
    int64_t at_ms;
    int pause_ms;
};

#define AGAIN_FIRST_MS 1000
#define AGAIN_MOST_MS 60000

/** It has failed once more, at now_ms: twice as long a pause as the last one.
 * Returns that pause in milliseconds. */
int again_later(struct again *again, int64_t now_ms);

/** A sentence on what is wrong; "": nothing. */
struct problem {
    char text[900];
};

struct connector {
    char *name;
    char *text;  /* of its file; NULL: it could not be read */
    bool is_put; /* the worker has taken text */
    bool seen;   /* in the directory, this time */
    struct again put, restart;
    int64_t listed_ms;      /* when it was put, or the worker last named it */
    int64_t well_ms;        /* since when it runs; 0: it does not */
    struct problem refused; /* its file */
    struct problem failed;  /* the connector, or one of its tasks */
    struct problem retry;   /* what a task tries again and again */
    int64_t retried_ms;     /* it did so last; 0: it does not */
};

/** Of that name, which is copied. NULL: out of memory. */
struct connector *connector_new(const char *name);
void connector_free(struct connector *connector);

/**
 * Read the file at path. Returns true if it is another text than before: then
 * it has to be put, or connector->refused says why it cannot be.
 */
bool connector_read(struct connector *connector, const char *path);

/**
 * Take what the worker says of it, the value of "status" in its answer, at
 * now_ms. Returns true if it is to be started again now: what has failed is
 * in connector->failed, which is "" again once all of it has run for a while.
 */
bool connector_judge(struct connector *connector, struct json_object *status,
                     int64_t now_ms);

/**
 * The worker has not named it, at now_ms: what it was is forgotten. Returns
 * true if it has been put, and long enough ago that somebody must have deleted
 * it: then it is to be put again.
 */
bool connector_miss(struct connector *connector, int64_t now_ms);

/**
 * One of its tasks is tried again at now_ms, because of what the trace says. It
 * is named if it is something else than before. For half a minute after the
 * last one it counts as a failure, of which nothing is to be started again.
 */
void connector_retries(struct connector *connector, const char *trace,
                       int64_t now_ms);

/**
 * What a trace of Java says in one line: its first line, and the last cause
 * that it names, and what helps. At most n - 1 bytes. Returns buf.
 */
const char *connector_trace(const char *trace, char *buf, size_t n);

/** The same of what the worker says when it refuses a connector's settings. */
const char *connector_refusal(const char *message, char *buf, size_t n);

#endif
