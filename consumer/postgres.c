#include "postgres.h"

#include <stdlib.h>

#include "clock.h"
#include "postgres_work.h"
#include "stop.h"

struct postgres_sink {
    struct pf_sink base;
    struct pf_postgres_work work;
    struct pf_postgres_batch filling; /* while work writes the last one */
    struct pf_tickets tickets;
};

static enum pf_rc postgres_write(struct pf_sink *base,
                                 const struct pf_record *records, size_t n,
                                 uint64_t ticket, size_t *ret_taken,
                                 struct pf_error *err)
{
    struct postgres_sink *s = (struct postgres_sink *)base;
    enum pf_rc rc = PF_OK;

    for (*ret_taken = 0; *ret_taken < n; ++*ret_taken) {
        rc = pf_postgres_batch_add(&s->filling, s->work.span.max,
                                   &records[*ret_taken], err);
        if (rc)
            break;
    }
    pf_tickets_take(&s->tickets, ticket, *ret_taken);
    return rc;
}

/* Has everything that work was given been written? */
static bool is_done(const struct pf_postgres_work *work)
{
    return work->begin == work->sending.n;
}

/* Give work the records that have come in, and fill the batch that it is done
 * with. */
static void give(struct postgres_sink *s)
{
    struct pf_postgres_batch written = s->work.sending;

    s->work.sending = s->filling;
    s->work.begin = 0;
    s->filling = written;
    pf_postgres_batch_clear(&s->filling);
}

/* Returns early once there is room, so that the next records come in while
 * these are being written. */
static enum pf_rc postgres_flush(struct pf_sink *base, int timeout_ms,
                                 struct pf_arrival *ret, struct pf_error *err)
{
    struct postgres_sink *s = (struct postgres_sink *)base;
    int64_t deadline_ms = pf_now_ms() + timeout_ms;
    bool made_room = false;
    enum pf_rc rc = PF_OK;

    while (!rc && !made_room) {
        if (is_done(&s->work)) {
            if (!s->filling.n)
                break;
            give(s);
            made_room = timeout_ms > 0;
        }
        rc = pf_postgres_work_step(
            &s->work, made_room ? 0 : pf_left_ms(deadline_ms), err);
    }
    pf_tickets_arrive(&s->tickets, s->tickets.arrived,
                      s->work.arrived - s->tickets.arrived);
    *ret = pf_tickets_arrival(&s->tickets);
    if (rc)
        return rc;
    return s->filling.n || !is_done(&s->work) ? PF_AGAIN : PF_OK;
}

/* The position is asked for before anything is written. */
static enum pf_rc postgres_position(struct pf_sink *base,
                                    struct pf_partition *partition,
                                    int timeout_ms, struct pf_error *err)
{
    struct pf_postgres_work *work = &((struct postgres_sink *)base)->work;
    int64_t deadline_ms = pf_now_ms() + timeout_ms;
    enum pf_rc rc = PF_OK;

    /* The first step connects, even where that has to wait for a name. */
    if (pf_stop_asked())
        return PF_AGAIN;
    while (!rc && !work->started)
        rc = pf_postgres_work_step(work, pf_left_ms(deadline_ms), err);
    if (!rc) /* it is the partition that this sink was opened for */
        partition->offset = work->place.expected;
    return rc;
}

static void postgres_close(struct pf_sink *base)
{
    struct postgres_sink *s = (struct postgres_sink *)base;

    pf_postgres_link_close(s->work.link);
    pf_postgres_sql_release(&s->work.sql);
    pf_postgres_batch_release(&s->work.sending);
    pf_postgres_batch_release(&s->filling);
    free(s);
}

static const struct pf_sink_ops postgres_ops = {
    .write = postgres_write,
    .flush = postgres_flush,
    .position = postgres_position,
    .keeper = "the position in feed_offsets",
    .close = postgres_close,
};

enum pf_rc pf_postgres_open(const struct pf_postgres_conf *conf,
                            struct pf_stats *stats, struct pf_sink **ret,
                            struct pf_error *err)
{
    struct postgres_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "postgres: out of memory");
    s->base.ops = &postgres_ops;
    s->work.stats = stats;
    s->work.metric = conf->metric;
    s->work.on_bad = conf->on_bad;
    s->work.sending.keeps_headers = s->filling.keeps_headers =
        conf->on_bad == PF_ON_BAD_DEAD_LETTER;
    s->work.span = pf_postgres_span_init((size_t)conf->batch);
    s->work.place.topic = conf->topic;
    s->work.place.partition = conf->partition;
    rc = pf_postgres_link_open(conf->conninfo, &s->work.link, err);
    if (rc)
        pf_fail_in(err, rc, "feed.postgres.conninfo: ");
    else
        rc = pf_postgres_sql_read(&s->work.sql, conf->schemas, conf->mapping,
                                  err);
    if (rc) {
        postgres_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
