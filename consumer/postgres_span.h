/* postgres_span.h - how many records go into the next transaction. */
#ifndef PF_POSTGRES_SPAN_H
#define PF_POSTGRES_SPAN_H

#include <stddef.h>

/**
 * Halved where records are refused, to find the one that is at fault, and
 * doubled with each success. What was too much for the server, in time or in
 * memory, is a limit besides: it would be too much the next time again. So it
 * is tried once in a while only.
 */
struct pf_postgres_span {
    size_t max;    /* records in one transaction at most: the setting */
    size_t now;    /* the same for the next one */
    size_t limit;  /* now at most */
    unsigned calm; /* transactions at limit until it is doubled */
};

/** Begin with max. */
struct pf_postgres_span pf_postgres_span_init(size_t max);

/** n records were refused for one of them. */
void pf_postgres_span_halve(struct pf_postgres_span *span, size_t n);

/** n records were too much. */
void pf_postgres_span_limit(struct pf_postgres_span *span, size_t n);

/** As many as now said, or the last there were, have been written. */
void pf_postgres_span_grow(struct pf_postgres_span *span);

#endif
