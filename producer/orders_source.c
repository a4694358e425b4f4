#include "orders_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "pace.h"
#include "stop.h"

#define BATCH 500

struct orders_source {
    struct pf_source base;
    struct pf_orders_feed feed;
    struct pf_orders *orders;
    struct pf_pace pace;
    struct pf_order_event next; /* not yet given */
    int64_t next_due_ns;
    int64_t move_us; /* added to all times */
    uint64_t position;
    struct pf_record records[BATCH];
    char keys[BATCH][24];
    char values[BATCH][PF_ORDER_JSON_SIZE];
};

static void make_next(struct orders_source *s)
{
    s->next = pf_orders_next(s->orders);
    s->next.at_us += s->move_us;
    s->next_due_ns = pf_pace_due(&s->pace, s->next.at_us);
}

/* Put the next event into the batch at index i, and make another. */
static void take(struct orders_source *s, size_t i, int64_t now)
{
    struct pf_record *r = &s->records[i];

    r->offset = (int64_t)s->position++;
    r->value_len = pf_order_encode(&s->next, s->values[i]);
    r->key_len = (size_t)sprintf(s->keys[i], "%" PRIu64, s->next.order);
    pf_pace_given(&s->pace, s->next_due_ns, now);
    make_next(s);
}

static enum pf_rc orders_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct orders_source *s = (struct orders_source *)base;
    int64_t now = pf_now_ns();
    size_t n = 0;

    (void)err; /* nothing here can fail */
    *ret = (struct pf_batch){0};
    if (pf_source_has_ended(&s->feed.start, s->position))
        return PF_END;
    if (s->next_due_ns > now && timeout_ms > 0) {
        pf_wait_until(s->pace.timer, s->next_due_ns, timeout_ms);
        now = pf_now_ns();
    }
    while (n < BATCH && s->next_due_ns <= now &&
           !pf_source_has_ended(&s->feed.start, s->position))
        take(s, n++, now);
    pf_stats_set(s->feed.start.stats, s->feed.start.due_metric,
                 (uint64_t)s->next_due_ns);
    ret->records = s->records;
    ret->n = n;
    ret->ticket = s->position;
    return n ? PF_OK : PF_AGAIN;
}

static void orders_close(struct pf_source *base)
{
    struct orders_source *s = (struct orders_source *)base;
    char text[200];

    if (s->pace.given)
        pf_log(PF_LOG_INFO, "orders: %" PRIu64 " events %s", s->pace.given,
               pf_pace_describe(&s->pace, text, sizeof text));
    pf_pace_release(&s->pace);
    pf_orders_free(s->orders);
    free(s);
}

static const struct pf_source_ops orders_ops = {
    .read = orders_read,
    .close = orders_close,
};

/* Make the first n events, and the one after them, which is returned. After a
 * stop it is another one, but nobody asks for it then. */
static struct pf_order_event skip(struct pf_orders *orders, uint64_t n)
{
    while (n-- && (n % 65536 || !pf_stop_asked()))
        pf_orders_next(orders);
    return pf_orders_next(orders);
}

/* Set *ret to the time of the first event that has a pace. */
static enum pf_rc find_paced(const struct orders_source *s, int64_t *ret,
                             struct pf_error *err)
{
    uint64_t paced_from = pf_source_paced_from(&s->feed.start);
    struct pf_orders *ahead;
    enum pf_rc rc;

    if (paced_from == s->position) {
        *ret = s->next.at_us;
        return PF_OK;
    }
    rc = pf_orders_new(&s->feed.shop, &ahead, err);
    if (rc)
        return rc;
    *ret = skip(ahead, paced_from).at_us;
    pf_orders_free(ahead);
    return PF_OK;
}

/* Go to the first event to give, and set the clock by the first with a pace. */
static enum pf_rc begin(struct orders_source *s, struct pf_error *err)
{
    int64_t origin_us = s->feed.live ? s->feed.now_us : s->feed.shop.start_us;
    int64_t paced_us;
    enum pf_rc rc;

    s->position = s->feed.start.first;
    s->next = skip(s->orders, s->position);
    rc = find_paced(s, &paced_us, err);
    if (rc)
        return rc;
    if (pf_source_paced_from(&s->feed.start) && !s->feed.live)
        origin_us = paced_us;
    if (pf_source_paced_from(&s->feed.start) && s->feed.live &&
        paced_us > origin_us)
        s->move_us = origin_us - paced_us;
    s->next.at_us += s->move_us;
    pf_pace_begin(&s->pace, origin_us, pf_now_ns());
    s->next_due_ns = pf_pace_due(&s->pace, s->next.at_us);
    return PF_OK;
}

enum pf_rc pf_orders_source_open(const struct pf_orders_feed *feed,
                                 struct pf_source **ret, struct pf_error *err)
{
    struct orders_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "orders: out of memory");
    s->base.ops = &orders_ops;
    s->feed = *feed;
    for (size_t i = 0; i < BATCH; i++)
        s->records[i] = (struct pf_record){.partition = feed->start.partition,
                                           .key = s->keys[i],
                                           .value = s->values[i],
                                           .timestamp = -1};
    rc = pf_pace_init(&s->pace, feed->speed, 0, err);
    if (!rc)
        rc = pf_orders_new(&feed->shop, &s->orders, err);
    if (!rc)
        rc = begin(s, err);
    if (rc) {
        orders_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
