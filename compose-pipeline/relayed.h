/* relayed.h - FEED_LOGS=stderr: all logs as lines of JSON on standard error. */
#ifndef PF_RELAYED_H
#define PF_RELAYED_H

#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "places.h"

/** Standard error, as given to the feed, and as its programs see it. */
struct relayed {
    int given;        /* the former; -1: they are the same */
    int pipe;         /* the end of it that the relay reads */
    const char *logs; /* PF_RUN */
    pid_t relay;      /* the process that writes all logs to given; 0: none */
    int64_t since_ms; /* on the monotonic clock: when that one was started */
};

/**
 * With FEED_LOGS=stderr, start a relay process: it writes each record of the
 * logs in PF_RUN/log that comes from now on to standard error, as an object,
 * and so all that this process and its children write to standard error from
 * now on. With FEED_LOGS=files, or without it, do nothing.
 *
 * PF_CONFIG  FEED_LOGS has another value, or PF_RUN/log cannot be created
 * PF_IO      a system call failed
 */
enum pf_rc relayed_open(const struct pf_places *places, struct relayed *ret,
                        struct pf_error *err);

/** After a SIGCHLD: if the relay has ended, start another one. */
void relayed_look(struct relayed *relayed);

/**
 * Give standard error back, and let the relay write what it has, for half a
 * second at most: nobody may be reading. All other children have to be gone.
 */
void relayed_close(struct relayed *relayed);

#endif
