/* refusal.h - a record that cannot be used. */
#ifndef PF_REFUSAL_H
#define PF_REFUSAL_H

#include "error.h"
#include "record.h"

/** A record that a filter, or its own source, has refused. */
struct pf_refusal {
    const struct pf_record *record; /* one of the batch's */
    const char *kind;               /* one word, for counting: "truncated" */
    struct pf_error reason;         /* a sentence about it */
};

/** What to do with a record that the filter, or its source, refuses. */
enum pf_on_bad {
    PF_ON_BAD_SKIP, /* count it, log it, go on with the next record */
    PF_ON_BAD_STOP, /* deliver the records before it, then fail: PF_FORMAT. With
                     * a filter that keeps state nothing of its batch is
                     * delivered: it comes again */
    PF_ON_BAD_DEAD_LETTER, /* put it aside (dead_letters.h), log it, go on */
};

#endif
