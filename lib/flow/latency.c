#include "latency.h"

#include <stdlib.h>

#include "clock.h"

#define MS_NS 1000000

struct pf_latency {
    struct pf_histogram *histogram;

    /* Those under way: a ring, which begins at 0 whenever it is empty, so that
     * it takes no more memory than it needs. */
    size_t first, n;
    struct run {
        int64_t timestamp; /* in milliseconds, as that of a record */
        uint64_t n;        /* records */
    } runs[PF_LATENCY_RUNS];
};

enum pf_rc pf_latency_new(struct pf_histogram *histogram,
                          struct pf_latency **ret, struct pf_error *err)
{
    struct pf_latency *latency = calloc(1, sizeof *latency);

    if (!latency)
        return pf_fail(err, PF_NOMEM, "latency: out of memory");
    latency->histogram = histogram;
    *ret = latency;
    return PF_OK;
}

void pf_latency_free(struct pf_latency *latency)
{
    free(latency);
}

static struct run *place(struct pf_latency *l, size_t i)
{
    return &l->runs[(l->first + i) % PF_LATENCY_RUNS];
}

/* n records of that timestamp follow. */
static void add(struct pf_latency *l, int64_t timestamp, uint64_t n)
{
    if (!l->n ||
        (place(l, l->n - 1)->timestamp != timestamp && l->n < PF_LATENCY_RUNS))
        *place(l, l->n++) = (struct run){.timestamp = timestamp};
    place(l, l->n - 1)->n += n;
}

void pf_latency_take(struct pf_latency *l, const struct pf_record *records,
                     size_t n)
{
    size_t begin = 0;

    for (size_t i = 0; i < n; i++) {
        if (records[i].timestamp == records[begin].timestamp)
            continue;
        add(l, records[begin].timestamp, i - begin);
        begin = i;
    }
    if (n)
        add(l, records[begin].timestamp, n - begin);
}

/* n records of that timestamp have arrived. */
static void count(struct pf_latency *l, int64_t timestamp, int64_t now_ns,
                  uint64_t n)
{
    int64_t age_ns = 0;

    if (timestamp < 0)
        return;
    if (timestamp <= now_ns / MS_NS) /* it may be any number */
        age_ns = now_ns - timestamp * MS_NS;
    pf_histogram_add(l->histogram, (uint64_t)age_ns, n);
}

void pf_latency_arrive(struct pf_latency *l, uint64_t n, uint64_t left)
{
    int64_t now_ns = n ? pf_wall_ns() : 0;

    while (n && l->n) {
        struct run *run = place(l, 0);
        uint64_t arrived = n < run->n ? n : run->n;

        count(l, run->timestamp, now_ns, arrived);
        n -= arrived;
        run->n -= arrived;
        if (!run->n) {
            l->first = (l->first + 1) % PF_LATENCY_RUNS;
            l->n--;
        }
    }
    if (!left)
        l->first = l->n = 0;
}
