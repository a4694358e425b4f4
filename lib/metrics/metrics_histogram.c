#include "metrics_histogram.h"

#include <inttypes.h>
#include <stddef.h>

/* The upper bounds of buckets, as values and as labels: in the canonical form
 * of OpenMetrics, so that series are the same in both forms. */
struct bound {
    uint64_t value;
    const char *text; /* NULL: no bound, the end of a table */
};

static const struct bound durations[] = {
    {UINT64_C(100000), "0.0001"},      {UINT64_C(250000), "0.00025"},
    {UINT64_C(500000), "0.0005"},      {UINT64_C(1000000), "0.001"},
    {UINT64_C(2500000), "0.0025"},     {UINT64_C(5000000), "0.005"},
    {UINT64_C(10000000), "0.01"},      {UINT64_C(25000000), "0.025"},
    {UINT64_C(50000000), "0.05"},      {UINT64_C(100000000), "0.1"},
    {UINT64_C(250000000), "0.25"},     {UINT64_C(500000000), "0.5"},
    {UINT64_C(1000000000), "1.0"},     {UINT64_C(2500000000), "2.5"},
    {UINT64_C(5000000000), "5.0"},     {UINT64_C(10000000000), "10.0"},
    {UINT64_C(25000000000), "25.0"},   {UINT64_C(50000000000), "50.0"},
    {UINT64_C(100000000000), "100.0"}, {UINT64_MAX, NULL},
};

static const struct bound others[] = {
    {1, "1.0"},
    {10, "10.0"},
    {100, "100.0"},
    {1000, "1000.0"},
    {10000, "10000.0"},
    {100000, "100000.0"},
    {1000000, "1000000.0"},
    {10000000, "10000000.0"},
    {100000000, "100000000.0"},
    {1000000000, "1000000000.0"},
    {UINT64_MAX, NULL},
};

void pf_metrics_put_decimal(struct pf_buffer *to, unsigned __int128 n,
                            int digits)
{
    char text[48], *end = text + sizeof text, *at = end;

    for (int i = 0; i < digits; i++, n /= 10)
        if (n % 10 || at < end)
            *--at = (char)('0' + n % 10);
    if (at < end)
        *--at = '.';
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    pf_buffer_put(to, at, (size_t)(end - at));
}

/* What was read of a histogram so far. */
struct reading {
    uint64_t n;
    unsigned __int128 sum;
};

/* Counts are written meanwhile, and those of a corrupt file may be anything: n
 * must not go back. */
static void add(struct reading *reading, uint64_t value, const uint64_t *count)
{
    uint64_t n = __atomic_load_n(count, __ATOMIC_RELAXED);

    if (__builtin_add_overflow(reading->n, n, &reading->n))
        reading->n = UINT64_MAX;
    reading->sum += (unsigned __int128)value * n;
}

static void put_bucket(struct pf_buffer *to, const char *family,
                       const char *labels, const char *bound, uint64_t n)
{
    pf_buffer_printf(to, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", family,
                     labels, bound, n);
}

void pf_metrics_put_histogram(struct pf_buffer *to, const char *family,
                              const char *labels,
                              const struct pf_histogram *histogram,
                              bool is_time)
{
    /* Above the largest value there is nothing to read: pages of the file that
     * nobody touches take no memory. */
    uint64_t max = __atomic_load_n(&histogram->max, __ATOMIC_RELAXED);
    const struct bound *bound = is_time ? durations : others;
    struct reading reading = {0};
    uint64_t value = 0;

    for (unsigned i = 0; i < PF_HISTOGRAM_BUCKETS && (!i || value < max); i++) {
        value = pf_histogram_last(i);
        for (; bound->text && bound->value < value; bound++)
            put_bucket(to, family, labels, bound->text, reading.n);
        add(&reading, value, &histogram->counts[i]);
    }
    for (; bound->text; bound++)
        put_bucket(to, family, labels, bound->text, reading.n);
    put_bucket(to, family, labels, "+Inf", reading.n);
    pf_buffer_printf(to, "%s_sum{%s} ", family, labels);
    pf_metrics_put_decimal(to, reading.sum, is_time ? 9 : 0);
    pf_buffer_printf(to, "\n%s_count{%s} %" PRIu64 "\n", family, labels,
                     reading.n);
}
