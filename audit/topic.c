#include "topic.h"

#include <stdlib.h>

struct pf_topic pf_topic_init(const struct pf_feed *feed, struct pf_runs *runs)
{
    return (struct pf_topic){.feed = feed,
                             .runs = runs,
                             .all = feed->partition == PF_ALL_PARTITIONS};
}

void pf_topic_release(struct pf_topic *t)
{
    for (size_t i = 0; i < t->slices.n; i++)
        pf_slice_release(&t->slices.at[i]);
    free(t->slices.at);
    free(t->lives.at);
    pf_record_keys_release(&t->keys);
    *t = (struct pf_topic){0};
}

enum pf_rc pf_topic_open(struct pf_topic *t, size_t n, struct pf_error *err)
{
    while (t->slices.n < n)
        if (!PF_VEC_PUSH(&t->slices, ((struct pf_slice){.run = PF_NONE,
                                                        .life = PF_NONE,
                                                        .goal = INT64_MAX})))
            return pf_fail(err, PF_NOMEM, "no memory for %zu partitions", n);
    return PF_OK;
}

void pf_topic_lay_out(struct pf_topic *t)
{
    uint64_t base = 0;

    for (size_t i = 0; i < t->slices.n; i++) {
        t->slices.at[i].base = base;
        base += t->slices.at[i].crcs.n;
    }
}

const struct pf_slice *pf_topic_slice(const struct pf_topic *t, uint64_t place)
{
    /* Of several with one base, the last one has records. */
    return &t->slices.at[PF_VEC_FIND(&t->slices, base, place)];
}

int64_t pf_topic_partition(const struct pf_topic *t,
                           const struct pf_slice *slice)
{
    return t->all ? slice - t->slices.at : t->feed->partition;
}

int64_t pf_topic_offset(const struct pf_topic *t, uint64_t place)
{
    const struct pf_slice *p = pf_topic_slice(t, place);

    return pf_slice_offset(p, place - p->base);
}

uint32_t pf_topic_crc(const struct pf_topic *t, uint64_t place)
{
    const struct pf_slice *p = pf_topic_slice(t, place);

    return p->crcs.at[place - p->base];
}

bool pf_topic_number(const struct pf_topic *t, uint64_t place,
                     uint32_t *ret_life, uint64_t *ret_number)
{
    const struct pf_slice *p = pf_topic_slice(t, place);
    const struct pf_number_span *span = pf_slice_span(p, place - p->base);

    if (!span || span->life == PF_NONE)
        return false;
    *ret_life = span->life;
    *ret_number = span->number + (place - p->base - span->at);
    return true;
}

int64_t pf_topic_end(const struct pf_topic *t)
{
    int64_t sum = 0;

    for (size_t i = 0; i < t->slices.n; i++)
        sum += pf_slice_end(&t->slices.at[i]);
    return sum;
}
