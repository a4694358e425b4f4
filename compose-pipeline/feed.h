/* feed.h - a feed from its start to its end. */
#ifndef PF_FEED_H
#define PF_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "checks.h"
#include "console.h"
#include "places.h"
#include "supervisor.h"

/** The feed that this process looks after. */
struct feed {
    struct pf_places places;
    struct checked checked;
    struct console console;
    struct supervisor supervisor;
    int signals; /* signalfd: SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD */

    int64_t started_ms;    /* these are on the monotonic clock */
    int64_t poke_until_ms; /* supervisord may have something to do */
    int64_t stopping_ms;   /* when the stop began; 0: it has not */
    bool out_of_patience;  /* with the stop */
    bool broker_ready;
    bool said_not_ready;
    bool first_price;

    const char *failed; /* the program that ended the feed, or NULL */
    char how[100];      /* it did so, in words */
    int exit_code;
};

/**
 * Watch over a feed whose supervisord runs, until all of it is gone; say how
 * it goes. feed->exit_code is then what this process should end with: 0
 * asked to stop, 2 a program found its configuration wrong, 1 it failed for
 * another reason, or its stop did, 128+n a second signal n.
 */
void feed_run(struct feed *feed);

#endif
