/* connectors.h - the connectors of a worker, as their files say. */
#ifndef PF_CONNECTORS_H
#define PF_CONNECTORS_H

#include "error.h"
#include "rest.h"

/** Where they come from and where they go. Borrowed. */
struct connectors_conf {
    const char *dir;   /* NAME.json is the settings of connector NAME */
    const char *names; /* only these, with commas; "": all */
    const char *state; /* a file that says how they are; "": none */
    const char *log;   /* the worker's; "": it is not looked at */
};

struct connectors;

/**
 * Those in conf->dir; rest is their worker. connectors_free() takes NULL.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc connectors_new(const struct connectors_conf *conf, struct rest *rest,
                          struct connectors **ret, struct pf_error *err);
void connectors_free(struct connectors *connectors);

/**
 * One look: give the worker each connector whose file is new or has changed,
 * name what it refuses, ask how all of them are, name what has failed and start
 * it again, after a longer pause each time, and name what the worker itself
 * tries again and again. Then write the file of the state, for `pf-broker
 * health`: one line, "well TEXT" or "ill TEXT".
 *
 * What the directory has no file for is left alone, but looked after.
 *
 * PF_NOMEM  out of memory
 * PF_IO     the file of the state cannot be written
 */
enum pf_rc connectors_turn(struct connectors *connectors, struct pf_error *err);

#endif
