/* feed.h - the feed that this process supervises, and how it is. */
#ifndef PF_FEED_H
#define PF_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "checks.h"
#include "console.h"
#include "places.h"
#include "relayed.h"
#include "stats.h"
#include "supervisor.h"

/** What is to be done for the page, see start_page.h. */
enum page {
    PAGE_NOTHING, /* supervisord has been asked to start it, or never will be */
    PAGE_LATER,   /* its time has not come yet */
    PAGE_START,   /* ask supervisord to start it */
};

/** Its parts, and how far it has come. */
struct feed {
    struct pf_places places;
    struct checked checked;
    struct console console;
    struct relayed relayed;
    struct supervisor supervisor;
    struct pf_stats *state; /* see feed_state.h */
    int signals; /* signalfd: SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD */

    int64_t started_ms;    /* these four are on the monotonic clock */
    int64_t poke_until_ms; /* wake supervisord again and again until then */
    int64_t stopping_ms;   /* when the stop began; 0: no stop yet */
    int64_t asked_ms;      /* when a signal first asked for it; 0: none did */
    bool out_of_patience;  /* the stop took too long */
    bool broker_ready;
    bool said_not_ready;
    bool first_price;
    enum page page;

    const char *failed; /* the program that ended the feed, or NULL */
    char how[100];      /* how a program ended last, in words */
    int exit_code;
};

#endif
