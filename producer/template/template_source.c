#include "template_source.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "rate.h"

/* A batch has no more than this. What a template takes is its own affair: so
 * that the source can be stopped, and its memory is bounded, a batch also ends
 * after this time, or when it is this large. */
#define BATCH 500
#define BATCH_NS (50 * PF_SECOND_NS / 1000)
#define BATCH_SIZE (1 << 20)

/* 9999-12-31T23:59:59.999Z: what comes later has no date. */
#define LAST_MS INT64_C(253402300799999)

struct template_source {
    struct pf_source base;
    struct pf_template_feed feed;
    struct pf_template *template;
    struct pf_rate schedule;
    uint64_t next; /* number of the next record */
    struct pf_buffer bytes;
    struct pf_template_record made[BATCH];
    struct pf_record records[BATCH];
};

/* The time of record i, if it is not the clock's. */
static int64_t planned_ms(const struct template_source *s, uint64_t i)
{
    double rate = s->feed.rate > 0 ? s->feed.rate : 1000;
    double after = (double)i * 1000 / rate;
    int64_t start = s->feed.start_us / 1000;

    return after < (double)(LAST_MS - start) ? start + (int64_t)after : LAST_MS;
}

/* The time that the template is given for record i. */
static int64_t time_ms(const struct template_source *s, uint64_t i)
{
    int64_t ns;

    if (!s->feed.live)
        return planned_ms(s, i);
    ns = pf_wall_ns();
    if (s->feed.rate > 0)
        ns += pf_rate_due(&s->schedule, i) - pf_now_ns();
    return (ns / 1000 + s->feed.move_us) / 1000;
}

static enum pf_rc make_one(struct template_source *s, size_t i,
                           struct pf_error *err)
{
    struct pf_template_record *made = &s->made[i];
    uint64_t number = s->next + i;
    enum pf_rc rc = pf_template_make(s->template, number, time_ms(s, number),
                                     &s->bytes, made, err);

    if (!rc && made->value_len + made->key_len > s->feed.start.value_max)
        return pf_fail(err, PF_RANGE,
                       "%s: seq %" PRIu64 ": %zu bytes with its key are more "
                       "than the %zu that can be sent (message.max.bytes)",
                       s->feed.template.file, number,
                       made->value_len + made->key_len,
                       s->feed.start.value_max);
    return rc;
}

/* Make up to n records; *ret is how many. Fails only if there is none. */
static enum pf_rc make_some(struct template_source *s, size_t n, size_t *ret,
                            struct pf_error *err)
{
    int64_t end_ns = pf_now_ns() + BATCH_NS;
    enum pf_rc rc = PF_OK;

    *ret = 0;
    s->bytes.n = 0;
    pf_template_begin(s->template);
    while (*ret < n && s->bytes.n < BATCH_SIZE && pf_now_ns() < end_ns) {
        rc = make_one(s, *ret, err);
        if (rc)
            break;
        ++*ret;
    }
    pf_template_end(s->template);
    return *ret ? PF_OK : rc;
}

/* The buffer does not grow any more. */
static void set_records(struct template_source *s, size_t n)
{
    const char *bytes = s->bytes.at ? s->bytes.at : "";

    for (size_t i = 0; i < n; i++) {
        const struct pf_template_record *made = &s->made[i];
        struct pf_record *r = &s->records[i];

        r->offset = (int64_t)(s->next + i);
        r->value = bytes + made->value;
        r->value_len = made->value_len;
        r->key = made->has_key ? bytes + made->key : NULL;
        r->key_len = made->key_len;
    }
}

/* The most records that a batch can have now. */
static size_t most(const struct template_source *s)
{
    uint64_t count = s->feed.start.count;
    uint64_t left = count ? count - s->next : BATCH;

    return left < BATCH ? (size_t)left : BATCH;
}

static enum pf_rc template_read(struct pf_source *base, int timeout_ms,
                                struct pf_batch *ret, struct pf_error *err)
{
    struct template_source *s = (struct template_source *)base;
    size_t n;
    enum pf_rc rc;

    *ret = (struct pf_batch){0};
    if (pf_source_has_ended(&s->feed.start, s->next))
        return PF_END;
    n = pf_rate_wait(&s->schedule, s->next, most(s), timeout_ms);
    rc = make_some(s, n, &n, err);
    if (rc)
        return rc;
    set_records(s, n);
    s->next += n;
    if (s->feed.rate > 0)
        pf_stats_set(s->feed.start.stats, s->feed.start.due_metric,
                     (uint64_t)pf_rate_due(&s->schedule, s->next));
    ret->records = s->records;
    ret->n = n;
    ret->ticket = s->next;
    return n ? PF_OK : PF_AGAIN;
}

static void template_close(struct pf_source *base)
{
    struct template_source *s = (struct template_source *)base;

    pf_rate_release(&s->schedule);
    pf_template_close(s->template);
    pf_buffer_release(&s->bytes);
    free(s);
}

static const struct pf_source_ops template_ops = {
    .read = template_read,
    .close = template_close,
};

enum pf_rc pf_template_source_open(const struct pf_template_feed *feed,
                                   struct pf_source **ret, struct pf_error *err)
{
    struct template_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "template: out of memory");
    s->base.ops = &template_ops;
    s->feed = *feed;
    s->next = feed->start.first;
    for (size_t i = 0; i < BATCH; i++)
        s->records[i] = (struct pf_record){.partition = feed->start.partition,
                                           .timestamp = -1};
    rc = pf_rate_init(&s->schedule, feed->rate,
                      pf_source_paced_from(&feed->start), err);
    if (!rc)
        rc = pf_template_open(&feed->template, &s->template, err);
    if (rc)
        template_close(&s->base);
    else
        *ret = &s->base;
    return rc;
}
