#include "histogram.h"

#include <math.h>

/* Values with the same shift and the same leading bits share a bucket. */
static unsigned bucket_of(uint64_t value)
{
    /* How many low bits to drop so that the leading 8 remain. */
    unsigned shift = value < 2 * PF_HISTOGRAM_STEPS
                         ? 0
                         : 64 - 8 - (unsigned)__builtin_clzll(value);

    return shift * PF_HISTOGRAM_STEPS + (unsigned)(value >> shift);
}

uint64_t pf_histogram_last(unsigned bucket)
{
    unsigned shift = bucket < 2 * PF_HISTOGRAM_STEPS
                         ? 0
                         : bucket / PF_HISTOGRAM_STEPS - 1;
    uint64_t lead = bucket - shift * PF_HISTOGRAM_STEPS;

    return (lead << shift) + ((UINT64_C(1) << shift) - 1);
}

void pf_histogram_add(struct pf_histogram *histogram, uint64_t value,
                      uint64_t n)
{
    histogram->counts[bucket_of(value)] += n;
    histogram->n += n;
    if (value > histogram->max && n)
        histogram->max = value;
}

uint64_t pf_histogram_quantile(const struct pf_histogram *histogram,
                               double part)
{
    double wanted = ceil(part * (double)histogram->n);
    uint64_t seen = 0, value;

    for (unsigned i = 0; i < PF_HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (!seen || (double)seen < wanted)
            continue;
        value = pf_histogram_last(i);
        return value < histogram->max ? value : histogram->max;
    }
    return histogram->max;
}
