/* places.h - where a feed keeps its things on this machine. */
#ifndef PF_PLACES_H
#define PF_PLACES_H

#include <glob.h>

/**
 * Directories of one feed, from the environment, else where `make install`
 * and the image have them. Borrowed from the environment.
 */
struct pf_places {
    const char *home;   /* PF_HOME: broker/ and compose-pipeline/ */
    const char *config; /* PF_CONFIG: what a person edits */
    const char *data;   /* PF_DATA: the volume, which outlives the feed */
    const char *run;    /* PF_RUN: sockets, logs, what the next start renews */
};

struct pf_places pf_places_get(void);

/** A path, as a value. One that is too long is cut, and opening it fails. */
struct pf_path {
    char text[4096];
};

/** name within the directory dir, unless name is absolute. */
struct pf_path pf_path_in(const char *dir, const char *name);

/**
 * glob(3), without flags, for a pattern within dir, in whose own name nothing
 * is a pattern. Returns as that does; *ret is the caller's to globfree() when
 * it is 0.
 */
int pf_glob_in(const char *dir, const char *pattern, glob_t *ret);

#endif
