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

#endif
