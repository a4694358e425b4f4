#include "postgres_span.h"

/* An attempt that is too much takes about as long as two that are not. Once in
 * a hundred transactions, that costs next to nothing. */
#define CALM 100

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct pf_postgres_span pf_postgres_span_init(size_t max)
{
    return (struct pf_postgres_span){.max = max, .now = max, .limit = max};
}

void pf_postgres_span_halve(struct pf_postgres_span *span, size_t n)
{
    span->now = (n + 1) / 2;
}

void pf_postgres_span_limit(struct pf_postgres_span *span, size_t n)
{
    pf_postgres_span_halve(span, n);
    span->limit = span->now;
    span->calm = CALM;
}

void pf_postgres_span_grow(struct pf_postgres_span *span)
{
    if (span->now == span->limit && span->limit < span->max && !--span->calm) {
        span->limit = least(span->limit * 2, span->max);
        span->calm = CALM;
    }
    span->now = least(span->now * 2, span->limit);
}
