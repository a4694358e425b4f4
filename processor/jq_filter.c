#include "jq_filter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "event_time.h"
#include "jq_value.h"
#include "jq_work.h"
#include "stop.h"
#include "vec.h"

/* Where bytes begin in a buffer that grows; STAYS: they are elsewhere. */
#define STAYS SIZE_MAX
struct place {
    size_t value, key;
};

struct jq_filter {
    struct pf_filter base;
    const struct pf_jq_conf *conf;
    struct pf_stats *stats;
    struct pf_jq_work *work; /* the settings' */
    uint32_t number;         /* of the record at work, in its batch */
    bool no_memory;

    /* What the last batch became. */
    struct pf_buffer bytes;
    PF_VEC(struct pf_record) made;
    PF_VEC(struct place) places; /* one for each of made */
    PF_VEC(uint32_t) from;       /* likewise */
    PF_VEC(struct pf_refusal) refusals;
};

static bool set_key(struct jq_filter *f, jv value, struct pf_record *made,
                    struct place *place)
{
    size_t begin = f->bytes.n;
    struct pf_jq_text key;

    if (!pf_jq_has(f->work, PF_JQ_KEY))
        return true;
    if (!pf_jq_text(f->work, PF_JQ_KEY, value, &f->bytes, &key))
        return false;
    made->partition = PF_BY_KEY;
    made->key = key.is_null ? NULL : key.at;
    made->key_len = key.is_null ? 0 : key.len;
    if (!key.is_null && !key.at)
        place->key = begin;
    return true;
}

/* The moment that a text is, in milliseconds since 1970. */
static enum pf_rc read_time(const struct pf_jq_text *text, int64_t *ret,
                            struct pf_error *err)
{
    int64_t us = 0;
    enum pf_rc rc;

    if (text->is_null)
        return pf_fail(err, PF_FORMAT, "null is not a time");
    rc = pf_time_parse(text->at, text->len, &us, err);
    if (rc)
        return rc;
    if (us < 0)
        return pf_fail(err, PF_RANGE, "'%.*s' is before 1970", (int)text->len,
                       text->at);
    *ret = us / 1000;
    return PF_OK;
}

static bool set_time(struct jq_filter *f, jv value, struct pf_record *made)
{
    size_t begin = f->bytes.n;
    struct pf_jq_text text;

    if (!pf_jq_has(f->work, PF_JQ_TIME))
        return true;
    if (!pf_jq_text(f->work, PF_JQ_TIME, value, &f->bytes, &text))
        return false;
    if (!text.at)
        text.at = f->bytes.at ? f->bytes.at + begin : "";
    if (f->bytes.failed)
        return true;
    f->bytes.n = begin;
    made->appended = false;
    return !read_time(&text, &made->timestamp, &f->work->why) ||
           pf_jq_refuse(f->work, "time");
}

/* A record goes on. */
static void push(struct jq_filter *f, const struct pf_record *made,
                 const struct place *place)
{
    f->no_memory |= !PF_VEC_PUSH(&f->made, *made) ||
                    !PF_VEC_PUSH(&f->places, *place) ||
                    !PF_VEC_PUSH(&f->from, f->number);
}

/* The record at work goes on with this value, or if that is invalid with its
 * own. False: it is refused. */
static bool make(struct jq_filter *f, jv value)
{
    struct place place = {STAYS, STAYS};
    struct pf_record made = *f->work->record;

    if (jv_is_valid(value)) {
        place.value = f->bytes.n;
        if (pf_jq_print(value, &f->bytes, &f->work->why))
            return pf_jq_refuse(f->work, "map");
        made.value_len = f->bytes.n - place.value;
    }
    if (!set_key(f, value, &made, &place) || !set_time(f, value, &made))
        return false;
    push(f, &made, &place);
    return true;
}

static bool has_memory(const struct jq_filter *f)
{
    return !f->no_memory && !f->bytes.failed;
}

/* All that feed.map makes of the record goes on. */
static void map(struct jq_filter *f)
{
    bool last, good = pf_jq_map(f->work);
    jv value;

    while (good && has_memory(f) && pf_jq_map_next(f->work, &value, &last) &&
           !last) {
        good = make(f, value);
        jv_free(value);
    }
}

static void take_value(struct jq_filter *f)
{
    struct pf_jq_work *work = f->work;
    bool kept = true;

    if (pf_jq_has(work, PF_JQ_WHERE) && !pf_jq_where(work, &kept))
        return;
    if (!kept)
        return;
    if (pf_jq_has(work, PF_JQ_MAP))
        map(f);
    else
        make(f, jv_invalid());
}

static void take_tombstone(struct jq_filter *f, const struct pf_record *record)
{
    const struct place stays = {STAYS, STAYS};
    struct pf_jq_work *work = f->work;
    bool only_where = !pf_jq_has(work, PF_JQ_MAP) &&
                      !pf_jq_has(work, PF_JQ_KEY) &&
                      !pf_jq_has(work, PF_JQ_TIME);

    work->kind = NULL;
    if (only_where || f->conf->tombstones == PF_JQ_TOMBSTONES_PASS) {
        push(f, record, &stays);
    } else if (f->conf->tombstones == PF_JQ_TOMBSTONES_REFUSE) {
        pf_fail(&work->why, PF_FORMAT, "no value (a tombstone)");
        pf_jq_refuse(work, "tombstone");
    }
}

static void take(struct jq_filter *f, const struct pf_record *record)
{
    if (!record->value) {
        take_tombstone(f, record);
        return;
    }
    if (pf_jq_work_begin(f->work, record))
        take_value(f);
    pf_jq_work_end(f->work);
}

static void count(struct jq_filter *f, enum pf_jq_metric metric, uint64_t n)
{
    pf_stats_add(f->stats, f->conf->metric + metric, n);
}

/* Take one record of the batch. A refused one becomes nothing else. */
static void take_one(struct jq_filter *f, const struct pf_record *record)
{
    size_t n = f->made.n, bytes = f->bytes.n;
    const char *kind;

    take(f, record);
    kind = f->work->kind;
    if (!has_memory(f))
        return;
    if (kind) {
        f->made.n = f->places.n = f->from.n = n;
        f->bytes.n = bytes;
        f->no_memory = !PF_VEC_PUSH(
            &f->refusals, ((struct pf_refusal){record, kind, f->work->why}));
        return;
    }
    count(f, f->made.n > n ? PF_JQ_KEPT : PF_JQ_DROPPED, 1);
    count(f, PF_JQ_MADE, f->made.n - n);
}

static enum pf_rc take_all(struct jq_filter *f, const struct pf_record *records,
                           size_t n, struct pf_error *err)
{
    for (f->number = 0; f->number < n; f->number++) {
        take_one(f, &records[f->number]);
        if (!has_memory(f))
            return pf_fail(err, PF_NOMEM, "jq: out of memory");
        if (f->work->kind && !strcmp(f->work->kind, "limit") && pf_stop_asked())
            return pf_fail(err, PF_END, "asked to stop");
    }
    return PF_OK;
}

/* The buffer does not grow any more. */
static void set_pointers(struct jq_filter *f)
{
    for (size_t i = 0; i < f->made.n; i++) {
        const struct place *place = &f->places.at[i];

        if (place->value != STAYS)
            f->made.at[i].value = f->bytes.at + place->value;
        if (place->key != STAYS)
            f->made.at[i].key = f->bytes.at ? f->bytes.at + place->key : "";
    }
}

static enum pf_rc jq_apply(struct pf_filter *base,
                           const struct pf_record *records, size_t n,
                           struct pf_filtered *ret, struct pf_error *err)
{
    struct jq_filter *f = (struct jq_filter *)base;
    enum pf_rc rc;

    f->made.n = f->places.n = f->from.n = f->refusals.n = f->bytes.n = 0;
    pf_jq_work_enter(f->work);
    rc = take_all(f, records, n, err);
    pf_jq_work_leave(f->work);
    if (rc)
        return rc;
    set_pointers(f);
    *ret = (struct pf_filtered){
        .outputs = {{f->made.at, f->made.n, f->from.at}},
        .refusals = f->refusals.at,
        .n_refused = f->refusals.n};
    return PF_OK;
}

static int64_t jq_due_ms(const struct pf_filter *base)
{
    return ((const struct jq_filter *)base)->work->lookups.due_ms;
}

/* There is never a record to give. */
static enum pf_rc jq_wake(struct pf_filter *base, bool last,
                          struct pf_filtered *ret, struct pf_error *err)
{
    struct jq_filter *f = (struct jq_filter *)base;

    (void)last;
    (void)err;
    *ret = (struct pf_filtered){0};
    pf_jq_work_look(f->work);
    return PF_OK;
}

static void jq_close(struct pf_filter *base)
{
    struct jq_filter *f = (struct jq_filter *)base;

    pf_jq_work_close(f->work);
    pf_buffer_release(&f->bytes);
    free(f->made.at);
    free(f->places.at);
    free(f->from.at);
    free(f->refusals.at);
    free(f);
}

static const struct pf_filter_ops jq_ops = {
    .n_outputs = 1,
    .apply = jq_apply,
    .close = jq_close,
};

static const struct pf_filter_ops jq_ops_with_lookups = {
    .n_outputs = 1,
    .apply = jq_apply,
    .wake = jq_wake,
    .due_ms = jq_due_ms,
    .close = jq_close,
};

enum pf_rc pf_jq_filter_open(const struct pf_jq_conf *conf,
                             struct pf_stats *stats, struct pf_filter **ret,
                             struct pf_error *err)
{
    struct jq_filter *f;
    enum pf_rc rc;

    *ret = NULL;
    if (!*conf->where && !*conf->map && !*conf->key && !*conf->time)
        return PF_OK;
    f = calloc(1, sizeof *f);
    if (!f)
        return pf_fail(err, PF_NOMEM, "jq: out of memory");
    f->base.ops = conf->lookups.n ? &jq_ops_with_lookups : &jq_ops;
    f->conf = conf;
    f->stats = stats;
    f->work = conf->work;
    rc = pf_jq_work_open(f->work, conf, err);
    if (rc)
        jq_close(&f->base);
    else
        *ret = &f->base;
    return rc;
}

uint64_t pf_jq_filter_hash(const struct pf_filter *filter)
{
    return pf_jq_work_hash(((const struct jq_filter *)filter)->work);
}
