/* trace.h - follows a run through the records of a partition. */
#ifndef PF_TRACE_H
#define PF_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

/** Which run, and what has been seen of it. */
struct pf_trace {
    const char *run, *topic; /* borrowed */
    const uint64_t *seed;    /* of its prices, to check them; NULL: it has other
                              * records */
    bool by_key;             /* keys decide the partition, of n */
    size_t n;

    bool found;      /* records of the run have been seen */
    bool followed;   /* and more than one of them */
    bool inside;     /* the last record seen is one of them */
    uint64_t number; /* of the last of them */
    uint64_t key;    /* of the same: its pf_key_hash() */
};

/** Forget what has been seen: another partition, or another part of it. */
void pf_trace_restart(struct pf_trace *trace);

/**
 * Look at the next record of the partition; context is the trace.
 *
 * PF_FATAL  the run is not complete and in order here, or its record does not
 *           belong here; *err says which record, and what to do
 */
enum pf_rc pf_trace_look(void *context, const struct pf_record *record,
                         struct pf_error *err);

#endif
