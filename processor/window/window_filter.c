#include "window_filter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "window_cut.h"
#include "window_event.h"
#include "window_resume.h"
#include "windows.h"

struct window_filter {
    struct pf_filter base;
    const struct pf_window_conf *conf;
    struct pf_filter *before; /* NULL: none */
    struct pf_stats *stats;
    struct pf_window_reader reader;
    struct pf_windows windows;
    PF_VEC(struct pf_refusal) refusals;
    char metadata[PF_WINDOW_CUT_SIZE];
};

/* What the filter before has made of a batch, and how much of it is taken. */
struct made {
    struct pf_filtered filtered;
    size_t records, refusals;
};

/* Refuse a record of the input, once for all that it became. */
static enum pf_rc refuse(struct window_filter *f, const struct pf_record *input,
                         const char *kind, const struct pf_error *why,
                         struct pf_error *err)
{
    struct pf_refusal refusal = {.record = input, .kind = kind};

    if (f->refusals.n && PF_VEC_LAST(&f->refusals)->record == input)
        return PF_OK;
    memcpy(&refusal.reason, why, sizeof *why);
    return PF_VEC_PUSH(&f->refusals, refusal)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "windows: out of memory");
}

/* Take what record number from of the batch, input, became. */
static enum pf_rc take(struct window_filter *f, struct pf_window_part *part,
                       const struct pf_record *input,
                       const struct pf_record *record, size_t from,
                       struct pf_error *err)
{
    bool again = pf_window_is_again(part, input->offset), late = false;
    struct pf_window_event event;
    struct pf_error why;
    const char *kind = pf_window_read(&f->reader, input, record, &event, &why);
    enum pf_rc rc = PF_OK;

    if (!kind && !again)
        rc = pf_windows_advance(&f->windows, part, event.time, from, false,
                                err);
    if (!kind && !rc)
        rc = pf_windows_add(&f->windows, part, &event, input->offset, &late,
                            err);
    if (again || rc)
        return rc;
    if (late) {
        size_t refused = f->refusals.n;

        pf_windows_tell_late(&f->windows, part, event.time, &why);
        rc = refuse(f, input, "late", &why, err);
        pf_stats_add(f->stats, f->conf->metric + PF_WINDOW_LATE,
                     f->refusals.n - refused);
        return rc;
    }
    return kind ? refuse(f, input, kind, &why, err) : PF_OK;
}

/* The record that comes some records after the next one is expected. */
static void look_ahead(struct window_filter *f,
                       const struct pf_window_part *part,
                       const struct made *made)
{
    const struct pf_output *output = &made->filtered.outputs[0];
    size_t index = made->records + PF_WINDOW_AHEAD;
    struct pf_window_key key;

    if (index < output->n && !f->reader.key &&
        !pf_window_key_of_record(&output->records[index], &key, NULL))
        pf_windows_expect(&f->windows, part, made->records, &key);
}

/* How many results record number from of the batch has, which are next. */
static size_t count_results(const struct made *made, size_t from)
{
    const struct pf_output *output = &made->filtered.outputs[0];
    size_t n = 0;

    while (made->records + n < output->n &&
           (output->from ? output->from[made->records + n]
                         : made->records + n) == from)
        n++;
    return n;
}

/* Is one of the next n results, all of input, of no use? If so, none is: its
 * kind, and *why. */
static const char *find_useless(struct window_filter *f,
                                const struct pf_record *input,
                                const struct made *made, size_t n,
                                struct pf_error *why)
{
    const struct pf_record *results =
        &made->filtered.outputs[0].records[made->records];
    struct pf_window_event event;
    const char *kind = NULL;

    for (size_t i = 0; i < n && !kind; i++)
        kind = pf_window_read(&f->reader, input, &results[i], &event, why);
    return kind;
}

/* Take all that record number from of the batch became. */
static enum pf_rc take_all(struct window_filter *f, struct pf_window_part *part,
                           const struct pf_record *input, size_t from,
                           struct made *made, struct pf_error *err)
{
    const struct pf_filtered *filtered = &made->filtered;
    enum pf_rc rc = pf_window_follow(part, input->offset, err);
    size_t n = count_results(made, from);
    struct pf_error why;
    const char *kind = n > 1 ? find_useless(f, input, made, n, &why) : NULL;

    if (kind) {
        made->records += n;
        n = 0;
        if (!rc && !pf_window_is_again(part, input->offset))
            rc = refuse(f, input, kind, &why, err);
    }
    for (; !rc && n; n--, made->records++) {
        look_ahead(f, part, made);
        rc = take(f, part, input, &filtered->outputs[0].records[made->records],
                  from, err);
    }
    if (made->refusals < filtered->n_refused &&
        filtered->refusals[made->refusals].record == input) {
        const struct pf_refusal *its = &filtered->refusals[made->refusals++];

        if (!rc && !pf_window_is_again(part, input->offset))
            rc = refuse(f, input, its->kind, &its->reason, err);
    }
    return rc;
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
    struct made made = {
        .filtered = {.outputs = {{.records = records, .n = n}}}};
    int64_t now = f->conf->idle_ms ? pf_now_ms() : 0;
    enum pf_rc rc = PF_OK;

    begin(f);
    if (f->before)
        rc = f->before->ops->apply(f->before, records, n, &made.filtered, err);
    for (size_t i = 0; i < n && !rc; i++) {
        struct pf_window_part *part = pf_window_parts_find(
            &f->windows.parts, records[i].topic, records[i].partition);

        assert(part); /* it was assigned */
        part->quiet_ms = now;
        rc = take_all(f, part, &records[i], i, &made, err);
    }
    if (!rc)
        give(f, ret);
    return rc;
}

static int64_t window_due_ms(const struct pf_filter *base)
{
    const struct window_filter *f = (const struct window_filter *)base;
    const struct pf_window_parts *parts = &f->windows.parts;
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < parts->list.n && f->conf->idle_ms; i++) {
        const struct pf_window_part *part = parts->list.at[i];

        if (part && pf_window_part_due_ms(part, f->conf->idle_ms) < due)
            due = pf_window_part_due_ms(part, f->conf->idle_ms);
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

        if (part && pf_window_part_due_ms(part, f->conf->idle_ms) <= now)
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

    pf_filter_close(f->before);
    free(f->refusals.at);
    pf_windows_release(&f->windows);
    free(f);
}

static const struct pf_filter_ops window_ops = {
    .n_outputs = 1,
    .apply = window_apply,
    .wake = window_wake,
    .due_ms = window_due_ms,
    .assigned = window_assigned,
    .revoked = window_revoked,
    .metadata = window_metadata,
    .close = window_close,
};

enum pf_rc pf_window_open(const struct pf_window_conf *conf,
                          struct pf_filter *before, struct pf_stats *stats,
                          struct pf_filter **ret, struct pf_error *err)
{
    struct window_filter *f = calloc(1, sizeof *f);
    enum pf_rc rc;

    if (!f)
        return pf_fail(err, PF_NOMEM, "windows: out of memory");
    assert(!conf->idle_ms || conf->at_end);
    assert(!before || (!before->ops->assigned && !before->ops->wake));
    f->base.ops = &window_ops;
    f->conf = conf;
    f->stats = stats;
    rc = pf_windows_init(&f->windows, conf, err);
    if (rc) {
        window_close(&f->base);
        return rc;
    }
    pf_window_reader_init(&f->reader, conf, &f->windows.plan);
    f->before = before;
    *ret = &f->base;
    return PF_OK;
}
