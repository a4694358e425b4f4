/* try_filter.h - a filter that says what another one makes of records, and
 * gives nothing else on. */
#ifndef PF_TRY_FILTER_H
#define PF_TRY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "stats.h"

/** What it has to know of the other one. Strings are borrowed while it is open.
 */
struct pf_try_conf {
    const char *output;       /* the topic that it writes for */
    enum pf_on_bad on_bad;    /* what becomes of what it refuses: */
    const char *dead_letters; /* it is put in this topic */
    uint64_t count;           /* say it of that many records, and no more */
    bool windows;             /* a record that becomes nothing is in windows, */
    size_t dropped; /* unless this counter in stats says that it was dropped */
};

/** How many records it has spoken of, and of these, how many were refused and
 * dropped. */
struct pf_try_counts {
    uint64_t records, refused, dropped;
};

/**
 * Open it. The other filter, inner, is taken over on success; NULL: records
 * stay as they are. stats is the one that inner counts in, and borrowed.
 *
 * Each record becomes one, whose value is a text for people: a line that says
 * where it is, and an indented line for each result, or for what has become of
 * it otherwise. Whatever comes from outside is in it as pf_escape() writes it,
 * and a long value is cut. A record that is only read again (filter.h) becomes
 * nothing. None is refused. inner is not woken: nothing is closed because
 * nothing comes.
 *
 * PF_NOMEM  memory ran out
 *
 * apply() and assigned() fail as those of inner do.
 */
enum pf_rc pf_try_filter_open(const struct pf_try_conf *conf,
                              struct pf_filter *inner, struct pf_stats *stats,
                              struct pf_filter **ret, struct pf_error *err);

struct pf_try_counts pf_try_filter_counts(const struct pf_filter *filter);

#endif
