#include "window_filter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "event_time.h"
#include "window_cut.h"
#include "window_event.h"
#include "window_resume.h"
#include "windows.h"

/* The time from one look at whether a partition is at its end to the next. */
#define ASK_MS 100

struct window_filter {
    struct pf_filter base;
    const struct pf_window_conf *conf;
    struct pf_stats *stats;
    struct pf_window_reader reader;
    struct pf_windows windows;
    PF_VEC(struct pf_refusal) refusals;
    char metadata[PF_WINDOW_CUT_SIZE];
};

static enum pf_rc refuse(struct window_filter *f,
                         const struct pf_record *record, const char *kind,
                         const struct pf_error *why, struct pf_error *err)
{
    struct pf_refusal refusal = {.record = record, .kind = kind};

    memcpy(&refusal.reason, why, sizeof *why);
    return PF_VEC_PUSH(&f->refusals, refusal)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "windows: out of memory");
}

/* A record is late: say for which window. */
static enum pf_rc refuse_late(struct window_filter *f,
                              const struct pf_window_part *part,
                              const struct pf_record *record, int64_t time,
                              struct pf_error *err)
{
    int64_t start = pf_window_last(&f->conf->span, time);
    char from[PF_TIME_SIZE], to[PF_TIME_SIZE], now[PF_TIME_SIZE];
    struct pf_error why;

    pf_time_format(start * 1000, from);
    pf_time_format((start + f->conf->span.size) * 1000, to);
    pf_time_format(part->time * 1000, now);
    pf_fail(&why, PF_RANGE,
            "its window from %s to %s is closed: stream time is %s", from, to,
            now);
    pf_stats_add(f->stats, f->conf->metric + PF_WINDOW_LATE, 1);
    return refuse(f, record, "late", &why, err);
}

/* Take one record, which is number from of its batch. */
static enum pf_rc take(struct window_filter *f, struct pf_window_part *part,
                       const struct pf_record *record, size_t from,
                       struct pf_error *err)
{
    bool again = pf_window_is_again(part, record->offset), late;
    struct pf_window_event event;
    struct pf_error why;
    const char *kind;
    enum pf_rc rc = pf_window_follow(part, record->offset, err);

    if (rc)
        return rc;
    kind = pf_window_read(&f->reader, record, &event, &why);
    if (kind)
        return again ? PF_OK : refuse(f, record, kind, &why, err);
    if (!again)
        rc = pf_windows_advance(&f->windows, part, event.time, from, false,
                                err);
    if (!rc)
        rc = pf_windows_add(&f->windows, part, &event, record->offset, &late,
                            err);
    return rc || again || !late ? rc
                                : refuse_late(f, part, record, event.time, err);
}

/* Forget what the last call has given. */
static void begin(struct window_filter *f)
{
    pf_window_results_clear(&f->windows.results);
    f->refusals.n = 0;
}

static void give(struct window_filter *f, struct pf_filtered *ret)
{
    *ret = (struct pf_filtered){
        .outputs = {pf_window_results_output(&f->windows.results)},
        .refusals = f->refusals.at,
        .n_refused = f->refusals.n};
    pf_stats_add(f->stats, f->conf->metric + PF_WINDOW_RESULTS,
                 f->windows.results.n);
    pf_stats_set(f->stats, f->conf->metric + PF_WINDOW_OPEN,
                 f->windows.table.n);
}

static enum pf_rc window_apply(struct pf_filter *base,
                               const struct pf_record *records, size_t n,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct window_filter *f = (struct window_filter *)base;
    int64_t now = f->conf->idle_ms ? pf_now_ms() : 0;

    begin(f);
    for (size_t i = 0; i < n; i++) {
        struct pf_window_part *part = pf_window_parts_find(
            &f->windows.parts, records[i].topic, records[i].partition);
        enum pf_rc rc;

        assert(part); /* it was assigned */
        rc = take(f, part, &records[i], i, err);
        if (rc)
            return rc;
        part->quiet_ms = now;
    }
    give(f, ret);
    return PF_OK;
}

/* When the windows of a partition may be closed because nothing comes. */
static int64_t part_due_ms(const struct window_filter *f,
                           const struct pf_window_part *part)
{
    int64_t due = part->quiet_ms + f->conf->idle_ms;
    int64_t ask = part->asked_ms + ASK_MS;

    if (!pf_window_part_first(part))
        return INT64_MAX;
    return ask > due ? ask : due;
}

static int64_t window_due_ms(const struct pf_filter *base)
{
    const struct window_filter *f = (const struct window_filter *)base;
    const struct pf_window_parts *parts = &f->windows.parts;
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < parts->list.n && f->conf->idle_ms; i++) {
        const struct pf_window_part *part = parts->list.at[i];

        if (part && part_due_ms(f, part) < due)
            due = part_due_ms(f, part);
    }
    return due;
}

/* Nothing has come for long. A sink may have let everybody wait for that time:
 * ask when something had time to come. If there is nothing, close all windows,
 * as if stream time had passed them: what is committed says so. */
static enum pf_rc close_idle(struct window_filter *f,
                             struct pf_window_part *part, int64_t now,
                             struct pf_error *err)
{
    bool asked = part->asked_ms >= part->quiet_ms + f->conf->idle_ms;

    part->asked_ms = now;
    if (!asked || !f->conf->at_end(f->conf->source, part->topic, part->number))
        return PF_OK;
    part->cut = -1; /* everything was read again */
    return pf_windows_advance(&f->windows, part,
                              pf_windows_end(&f->windows, part), 0, true, err);
}

static enum pf_rc window_wake(struct pf_filter *base, bool last,
                              struct pf_filtered *ret, struct pf_error *err)
{
    struct window_filter *f = (struct window_filter *)base;
    const struct pf_window_parts *parts = &f->windows.parts;
    int64_t now = pf_now_ms();
    enum pf_rc rc = PF_OK;

    (void)last; /* what is open stays so: more may come in the next run */
    begin(f);
    for (size_t i = 0; i < parts->list.n && f->conf->idle_ms && !rc; i++) {
        struct pf_window_part *part = parts->list.at[i];

        if (part && part_due_ms(f, part) <= now)
            rc = close_idle(f, part, now, err);
    }
    if (!rc)
        give(f, ret);
    return rc;
}

static void window_revoked(struct pf_filter *base, const char *topic,
                           int32_t partition)
{
    struct window_filter *f = (struct window_filter *)base;

    pf_window_parts_remove(&f->windows.parts, &f->windows.table, topic,
                           partition);
}

static enum pf_rc window_assigned(struct pf_filter *base,
                                  struct pf_partition *partition,
                                  struct pf_error *err)
{
    struct window_filter *f = (struct window_filter *)base;

    window_revoked(base, partition->topic, partition->number);
    return pf_window_resume(&f->windows, partition, err);
}

static const char *window_metadata(struct pf_filter *base, const char *topic,
                                   int32_t partition)
{
    struct window_filter *f = (struct window_filter *)base;
    const struct pf_window_part *part = pf_window_parts_find(&f->windows.parts,
                                                             topic, partition);

    return part && pf_window_describe(&f->windows, part, f->metadata)
               ? f->metadata
               : NULL;
}

static void window_close(struct pf_filter *base)
{
    struct window_filter *f = (struct window_filter *)base;

    free(f->refusals.at);
    pf_windows_release(&f->windows);
    free(f);
}

static const struct pf_filter_ops window_ops = {
    .apply = window_apply,
    .wake = window_wake,
    .due_ms = window_due_ms,
    .assigned = window_assigned,
    .revoked = window_revoked,
    .metadata = window_metadata,
    .close = window_close,
};

enum pf_rc pf_window_open(const struct pf_window_conf *conf,
                          struct pf_stats *stats, struct pf_filter **ret,
                          struct pf_error *err)
{
    struct window_filter *f = calloc(1, sizeof *f);
    enum pf_rc rc;

    if (!f)
        return pf_fail(err, PF_NOMEM, "windows: out of memory");
    assert(!conf->idle_ms || conf->at_end);
    f->base.ops = &window_ops;
    f->conf = conf;
    f->stats = stats;
    rc = pf_windows_init(&f->windows, conf, err);
    if (rc) {
        window_close(&f->base);
        return rc;
    }
    pf_window_reader_init(&f->reader, conf, &f->windows.plan);
    *ret = &f->base;
    return PF_OK;
}

bool pf_window_again(struct pf_filter *filter, const struct pf_record *record)
{
    struct window_filter *f = (struct window_filter *)filter;
    const struct pf_window_part *part = pf_window_parts_find(
        &f->windows.parts, record->topic, record->partition);

    return part && pf_window_is_again(part, record->offset);
}
