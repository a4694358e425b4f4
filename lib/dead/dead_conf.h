/* dead_conf.h - the settings for dead letters. */
#ifndef PF_DEAD_CONF_H
#define PF_DEAD_CONF_H

#include <stdint.h>

/** Dead letters of what, and where to. Strings are borrowed until the sink is
 * closed. */
struct pf_dead_conf {
    const char *to;    /* feed.dead.letters */
    const char *input; /* topics that records come from, a list as in
                        * kafka_group.h; NULL: they do not come from a topic, */
    int64_t largest;   /* and no record is larger than this, in bytes */
    const char *file;  /* the file that they come from; NULL: not from a file */
};

#endif
