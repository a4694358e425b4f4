#include "random.h"

#include <stdlib.h>

#include "prng.h"
#include "rate.h"

#define BATCH 1000

struct random_source {
    struct pf_source base;
    struct pf_random random;
    struct pf_rate schedule;
    uint64_t next; /* number of the next price */
    struct pf_record records[BATCH];
    char values[BATCH][PF_PRICE_JSON_SIZE];
};

/* A number below n, from the lower 32 bits; other bits replace them in the
 * rare case that they would favour some results. */
static uint32_t draw(uint32_t n, uint64_t bits)
{
    uint32_t result;

    while ((result = pf_prng_below(n, (uint32_t)bits)) == n)
        bits = pf_prng_at(bits, 0);
    return result;
}

struct pf_price pf_random_price(uint64_t seed, uint64_t i)
{
    uint64_t bits = pf_prng_at(seed, i);

    return (struct pf_price){
        .match = PF_MATCH_MIN +
                 draw(PF_MATCH_MAX - PF_MATCH_MIN + 1, bits >> 32),
        .ticks = PF_TICKS_MIN + draw(PF_TICKS_MAX - PF_TICKS_MIN + 1, bits),
    };
}

/* The most prices that a batch can have now. */
static size_t most(const struct random_source *s)
{
    uint64_t count = s->random.start.count;
    uint64_t left = count ? count - s->next : BATCH;

    return left < BATCH ? (size_t)left : BATCH;
}

static void fill(struct random_source *s, size_t n, struct pf_batch *ret)
{
    for (size_t i = 0; i < n; i++) {
        struct pf_price price = pf_random_price(s->random.seed, s->next + i);

        s->records[i].offset = (int64_t)(s->next + i);
        s->records[i].value_len = pf_price_encode(&price, s->values[i]);
    }
    s->next += n;
    ret->records = s->records;
    ret->n = n;
    ret->ticket = s->next;
}

static enum pf_rc random_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct random_source *s = (struct random_source *)base;
    size_t n;

    (void)err; /* nothing here can fail */
    *ret = (struct pf_batch){0};
    if (pf_source_has_ended(&s->random.start, s->next))
        return PF_END;
    n = pf_rate_wait(&s->schedule, s->next, most(s), timeout_ms);
    fill(s, n, ret);
    if (s->random.rate > 0)
        pf_stats_set(s->random.start.stats, s->random.start.due_metric,
                     (uint64_t)pf_rate_due(&s->schedule, s->next));
    return n ? PF_OK : PF_AGAIN;
}

static void random_close(struct pf_source *base)
{
    struct random_source *s = (struct random_source *)base;

    pf_rate_release(&s->schedule);
    free(s);
}

static const struct pf_source_ops random_ops = {
    .read = random_read,
    .close = random_close,
};

enum pf_rc pf_random_source_open(const struct pf_random *random,
                                 struct pf_source **ret, struct pf_error *err)
{
    struct random_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "random: out of memory");
    s->base.ops = &random_ops;
    s->random = *random;
    s->next = random->start.first;
    for (size_t i = 0; i < BATCH; i++)
        s->records[i] = (struct pf_record){.partition = random->start.partition,
                                           .value = s->values[i],
                                           .timestamp = -1};
    if (random->start.partition == PF_BY_KEY)
        for (size_t i = 0; i < BATCH; i++) {
            s->records[i].key = s->values[i] + PF_PRICE_MATCH_AT;
            s->records[i].key_len = PF_PRICE_MATCH_LEN;
        }
    rc = pf_rate_init(&s->schedule, random->rate,
                      pf_source_paced_from(&random->start), err);
    if (rc) {
        random_close(&s->base);
        return pf_fail_in(err, rc, "random: ");
    }
    *ret = &s->base;
    return PF_OK;
}
