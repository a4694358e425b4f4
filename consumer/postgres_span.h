/* postgres_span.h - how many records go into the next transaction. */
#ifndef PF_POSTGRES_SPAN_H
#define PF_POSTGRES_SPAN_H

#include <stddef.h>

/**
 * It is halved when records are refused, to find the one at fault, and doubled
 * with each success. A number that was too much for the server, in time or in
 * memory, also becomes a limit: it would be too much again next time, so it is
 * tried only once in a while.
 */
struct pf_postgres_span {
    size_t max;    /* most records in one transaction: the setting */
    size_t now;    /* most records in the next transaction */
    size_t limit;  /* upper limit of now */
    unsigned calm; /* transactions at limit until limit is doubled */
};

/** Start with max. */
struct pf_postgres_span pf_postgres_span_init(size_t max);

/** n records were refused because of one of them. */
void pf_postgres_span_halve(struct pf_postgres_span *span, size_t n);

/** n records were too much. */
void pf_postgres_span_limit(struct pf_postgres_span *span, size_t n);

/** A transaction of now records, or of all that were left, was written. */
void pf_postgres_span_grow(struct pf_postgres_span *span);

#endif
