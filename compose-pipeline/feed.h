/* feed.h - the life of a feed, from its start to its end. */
#ifndef PF_FEED_H
#define PF_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "checks.h"
#include "console.h"
#include "places.h"
#include "supervisor.h"

/** The feed that this process supervises. */
struct feed {
    struct pf_places places;
    struct checked checked;
    struct console console;
    struct supervisor supervisor;
    int signals; /* signalfd: SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD */

    int64_t started_ms;    /* these four are on the monotonic clock */
    int64_t poke_until_ms; /* wake supervisord again and again until then */
    int64_t stopping_ms;   /* when the stop began; 0: no stop yet */
    int64_t asked_ms;      /* when a signal first asked for it; 0: none did */
    bool out_of_patience;  /* the stop took too long */
    bool broker_ready;
    bool said_not_ready;
    bool first_price;

    const char *failed; /* the program that ended the feed, or NULL */
    char how[100];      /* how a program ended last, in words */
    int exit_code;
};

/**
 * Supervise a feed whose supervisord is running, until all processes have
 * ended, and report its progress. feed->exit_code is then the exit code for
 * this process: 0 asked to stop; 2 a program refused its configuration; 1 the
 * feed or its stop failed for another reason; 128+n a second signal n.
 */
void feed_run(struct feed *feed);

#endif
