#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "prng.h"
#include "stop.h"

#define BATCH 1000
#define LATE_MAX_NS PF_SECOND_NS /* when later, the schedule moves on */

/* Prices due within this time are given together: at 100 000/s, waking up for
 * each price would take half a processor. */
#define TICK_NS INT64_C(500000)

/* 126 years: anything later never comes, and the sums below cannot overflow. */
#define NEVER_NS INT64_C(4000000000000000000)

struct random_source {
    struct pf_source base;
    struct pf_random random;
    uint64_t next;    /* number of the next price */
    int64_t start_ns; /* when the first price was due */
    int64_t tick_ns;  /* when more may be given */
    int timer;
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

/* When price i is due. */
static int64_t due_ns(const struct random_source *s, uint64_t i)
{
    uint64_t from = pf_source_paced_from(&s->random.start);
    double after = i < from ? 0
                            : (double)(i - from) / s->random.rate *
                                  (double)PF_SECOND_NS;

    return s->start_ns + (after < (double)NEVER_NS ? (int64_t)after : NEVER_NS);
}

/* How many prices to give now: those that are due, up to a batch. Less than a
 * batch only once a tick. */
static size_t count_due(struct random_source *s)
{
    uint64_t count = s->random.start.count;
    uint64_t left = count ? count - s->next : BATCH;
    size_t most = left < BATCH ? (size_t)left : BATCH, n = 0;
    int64_t now, late;

    if (s->random.rate == 0)
        return most;
    now = pf_now_ns();
    if (!s->start_ns)
        s->start_ns = now;
    late = now - due_ns(s, s->next);
    if (late > LATE_MAX_NS)
        s->start_ns += late;
    while (n < most && due_ns(s, s->next + n) <= now)
        n++;
    if (n < BATCH && now < s->tick_ns)
        return 0;
    if (n)
        s->tick_ns = now + TICK_NS;
    return n;
}

/* When there will be prices to give. */
static int64_t ready_ns(const struct random_source *s)
{
    int64_t due = due_ns(s, s->next);

    return due > s->tick_ns ? due : s->tick_ns;
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
    n = count_due(s);
    if (!n && timeout_ms > 0) {
        pf_wait_until(s->timer, ready_ns(s), timeout_ms);
        n = count_due(s);
    }
    fill(s, n, ret);
    if (s->random.rate > 0)
        pf_stats_set(s->random.start.stats, s->random.start.due_metric,
                     (uint64_t)due_ns(s, s->next));
    return n ? PF_OK : PF_AGAIN;
}

static void random_close(struct pf_source *base)
{
    struct random_source *s = (struct random_source *)base;

    if (s->timer >= 0)
        close(s->timer);
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
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (s->timer < 0) {
        enum pf_rc rc = pf_fail(err, PF_IO, "random: timerfd: %s",
                                strerror(errno));

        random_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
