/* filter.h - what happens to records between a source and a sink. */
#ifndef PF_FILTER_H
#define PF_FILTER_H

#include <stddef.h>

#include "error.h"
#include "record.h"

struct pf_filter;

/** A record that a filter refused. */
struct pf_refusal {
    const struct pf_record *record; /* one of the records put in */
    const char *kind;               /* one word, for counting: "truncated" */
    struct pf_error reason;         /* a sentence about it */
};

/** What became of the records that were put in, in their order. */
struct pf_filtered {
    /* What goes on, each with the offset of the record it came from;
     * borrowed until the next apply. */
    const struct pf_record *records;
    size_t n;

    /* What does not, in the order of their offsets; borrowed likewise. */
    const struct pf_refusal *refusals;
    size_t n_refused;
};

/** What a kind of filter does. One constant table for each kind. */
struct pf_filter_ops {
    const char *name; /* for logs and metrics: "price" */

    /*
     * Fill *ret with what becomes of the n records. They and their bytes
     * stay the caller's, and must stay as they are until the records of *ret
     * have been used: those may borrow from them.
     *
     * PF_OK  done; a bad record is no failure of the filter
     * other  this filter can't go on; *err tells why
     */
    enum pf_rc (*apply)(struct pf_filter *filter,
                        const struct pf_record *records, size_t n,
                        struct pf_filtered *ret, struct pf_error *err);

    /* Release the filter and all it owns. */
    void (*close)(struct pf_filter *filter);
};

/** What every filter starts with: each kind embeds it as its first member. */
struct pf_filter {
    const struct pf_filter_ops *ops;
};

/** Like free(): closing NULL does nothing. */
static inline void pf_filter_close(struct pf_filter *filter)
{
    if (filter)
        filter->ops->close(filter);
}

#endif
