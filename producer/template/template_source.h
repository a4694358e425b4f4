/* template_source.h - a source of the records that a template makes. */
#ifndef PF_TEMPLATE_SOURCE_H
#define PF_TEMPLATE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"
#include "source_start.h"
#include "template.h"

/** Which records, and when. */
struct pf_template_feed {
    struct pf_template_conf template;
    double rate; /* records a second; 0: as fast as they are taken */

    /* The times that the template is given. live: when the record is due, or
     * without a rate when it is made, moved by move_us. Otherwise record 0 has
     * start_us, microseconds since 1970, and each 1 / rate seconds more than
     * the one before it, or without a rate a millisecond. */
    bool live;
    int64_t move_us, start_us;

    struct pf_source_start start;
};

/**
 * A source of these records; its position counts them. They come at their rate,
 * as in rate.h.
 *
 * Errors are those of pf_template_open(), and PF_IO if the kernel gave no
 * timer. A record that the template cannot make, or that is longer with its key
 * than start.value_max, ends the source behind the one before it: read() fails
 * as pf_template_make() does, or with PF_RANGE.
 */
enum pf_rc pf_template_source_open(const struct pf_template_feed *feed,
                                   struct pf_source **ret,
                                   struct pf_error *err);

#endif
