/* places.h - the directories of a feed on this machine. */
#ifndef PF_PLACES_H
#define PF_PLACES_H

#include <glob.h>

/**
 * Directories of one feed: from the environment, or else the defaults of
 * `make install` and the image. Borrowed from the environment.
 */
struct pf_places {
    const char *home;   /* PF_HOME: broker/ and compose-pipeline/ */
    const char *config; /* PF_CONFIG: what a person edits */
    const char *data;   /* PF_DATA: the volume, which outlives the feed */
    const char *run;    /* PF_RUN: sockets, logs, effective settings */
    const char *tls;    /* FEED_TLS_DIR: certificates that the authority of a
                         * cluster makes; NULL: the feed makes its own, in data */
};

struct pf_places pf_places_get(void);

/** A path, as a value. A path that is too long is cut, and cannot be opened. */
struct pf_path {
    char text[4097]; /* Linux opens none that is longer than 4095 bytes */
};

/** The path of name in the directory dir; name itself if it is absolute. */
struct pf_path pf_path_in(const char *dir, const char *name);

/**
 * glob(3), without flags, for a pattern within dir; dir itself is taken
 * literally. Returns what glob(3) does. After 0 the caller calls globfree() on
 * *ret.
 */
int pf_glob_in(const char *dir, const char *pattern, glob_t *ret);

#endif
