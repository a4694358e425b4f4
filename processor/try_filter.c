#include "try_filter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "text.h"
#include "texts.h"
#include "vec.h"

/* Most characters that are shown of a key, and of a value. */
#define KEY_MAX 200
#define VALUE_MAX 4000

/* The last moment that has a date of four digits: 9999-12-31, in ms. */
#define LAST_MS INT64_C(253402300799999)

/* A partition, and from where on its records are not only read again. */
struct beginning {
    char *topic; /* owned */
    int32_t number;
    int64_t offset;
};

struct try_filter {
    struct pf_filter base;
    struct pf_try_conf conf;
    struct pf_filter *inner; /* NULL: none */
    struct pf_stats *stats;
    struct pf_try_counts counts;
    PF_VEC(struct beginning) beginnings;

    struct pf_texts texts; /* of the last batch */
};

static void put_key(struct pf_buffer *out, const struct pf_record *record)
{
    if (!record->key) {
        pf_buffer_text(out, ", no key");
        return;
    }
    pf_buffer_text(out, ", key \"");
    pf_buffer_escape(out, record->key, record->key_len, KEY_MAX);
    pf_buffer_text(out, "\"");
}

static void put_time(struct pf_buffer *out, int64_t ms)
{
    char text[32];

    if (ms == -1) {
        pf_buffer_text(out, ", no time");
    } else if (ms < 0 || ms > LAST_MS) {
        pf_buffer_printf(out, ", %" PRId64 " ms", ms);
    } else {
        pf_put_time(text, sizeof text, ms);
        pf_buffer_printf(out, ", %s", text);
    }
}

static void put_result(struct try_filter *f, const struct pf_record *result)
{
    struct pf_buffer *out = &f->texts.text;

    pf_buffer_printf(out, "\n    %s", f->conf.output);
    put_key(out, result);
    put_time(out, result->timestamp);
    if (!result->value) {
        pf_buffer_text(out, ", a tombstone");
        return;
    }
    pf_buffer_text(out, ": ");
    pf_buffer_escape(out, result->value, result->value_len, VALUE_MAX);
}

static void put_refusal(struct try_filter *f, const struct pf_refusal *refusal)
{
    const char *reason = refusal->reason.text;
    struct pf_buffer *out = &f->texts.text;

    if (f->conf.on_bad == PF_ON_BAD_DEAD_LETTER)
        pf_buffer_printf(out,
                         "\n    dead letter in %s, %s: ", f->conf.dead_letters,
                         refusal->kind);
    else
        pf_buffer_printf(out, "\n    %s, %s: ",
                         f->conf.on_bad == PF_ON_BAD_STOP ? "ends before it"
                                                          : "skipped",
                         refusal->kind);
    pf_buffer_escape(out, reason, strlen(reason), VALUE_MAX);
    f->counts.refused++;
}

/* Say where the record is, and what it has become. */
static void tell(struct try_filter *f, const struct pf_record *record,
                 const struct pf_filtered *made, bool dropped)
{
    const struct pf_output *results = &made->outputs[0];
    struct pf_buffer *out = &f->texts.text;

    pf_buffer_printf(out, "%s [%" PRId32 "] %" PRId64, record->topic,
                     record->partition, record->offset);
    put_key(out, record);
    for (size_t i = 0; i < results->n; i++)
        put_result(f, &results->records[i]);
    if (made->n_refused) {
        put_refusal(f, &made->refusals[0]);
    } else if (dropped || (!results->n && !f->conf.windows)) {
        pf_buffer_text(out, "\n    dropped");
        f->counts.dropped++;
    } else if (f->conf.windows) {
        pf_buffer_text(out, "\n    in its windows");
    }
    f->counts.records++;
}

static bool is_again(const struct try_filter *f, const struct pf_record *record)
{
    for (size_t i = 0; i < f->beginnings.n; i++) {
        const struct beginning *at = &f->beginnings.at[i];

        if (at->number == record->partition &&
            !strcmp(at->topic, record->topic))
            return record->offset < at->offset;
    }
    return false;
}

/* Take record number from of the batch. By itself, so that all that is made is
 * made of this one. */
static enum pf_rc take(struct try_filter *f, const struct pf_record *record,
                       size_t from, struct pf_error *err)
{
    const struct pf_record line = {.timestamp = -1};
    struct pf_filtered made = {.outputs = {{.records = record, .n = 1}}};
    uint64_t dropped = *pf_stats_at(f->stats, f->conf.dropped);
    enum pf_rc rc = PF_OK;

    if (f->inner)
        rc = f->inner->ops->apply(f->inner, record, 1, &made, err);
    if (rc || is_again(f, record))
        return rc;
    tell(f, record, &made, *pf_stats_at(f->stats, f->conf.dropped) > dropped);
    return pf_texts_end(&f->texts, &line, from)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "try: out of memory");
}

static enum pf_rc try_apply(struct pf_filter *base,
                            const struct pf_record *records, size_t n,
                            struct pf_filtered *ret, struct pf_error *err)
{
    struct try_filter *f = (struct try_filter *)base;
    enum pf_rc rc = PF_OK;

    pf_texts_begin(&f->texts);
    for (size_t i = 0; i < n && f->counts.records < f->conf.count && !rc; i++)
        rc = take(f, &records[i], i, err);
    if (!rc)
        *ret = (struct pf_filtered){.outputs = {pf_texts_give(&f->texts)}};
    return rc;
}

static void try_revoked(struct pf_filter *base, const char *topic,
                        int32_t partition)
{
    struct try_filter *f = (struct try_filter *)base;

    if (f->inner && f->inner->ops->revoked)
        f->inner->ops->revoked(f->inner, topic, partition);
    for (size_t i = 0; i < f->beginnings.n; i++) {
        struct beginning *at = &f->beginnings.at[i];

        if (at->number != partition || strcmp(at->topic, topic) != 0)
            continue;
        free(at->topic);
        *at = *PF_VEC_LAST(&f->beginnings);
        f->beginnings.n--;
        return;
    }
}

static enum pf_rc try_assigned(struct pf_filter *base,
                               struct pf_partition *partition,
                               struct pf_error *err)
{
    struct try_filter *f = (struct try_filter *)base;
    struct beginning one = {strdup(partition->topic), partition->number,
                            partition->offset};

    if (!one.topic || !PF_VEC_PUSH(&f->beginnings, one)) {
        free(one.topic);
        return pf_fail(err, PF_NOMEM, "try: out of memory");
    }
    return f->inner && f->inner->ops->assigned
               ? f->inner->ops->assigned(f->inner, partition, err)
               : PF_OK;
}

static void try_close(struct pf_filter *base)
{
    struct try_filter *f = (struct try_filter *)base;

    pf_filter_close(f->inner);
    for (size_t i = 0; i < f->beginnings.n; i++)
        free(f->beginnings.at[i].topic);
    free(f->beginnings.at);
    pf_texts_release(&f->texts);
    free(f);
}

static const struct pf_filter_ops try_ops = {
    .n_outputs = 1,
    .apply = try_apply,
    .assigned = try_assigned,
    .revoked = try_revoked,
    .close = try_close,
};

enum pf_rc pf_try_filter_open(const struct pf_try_conf *conf,
                              struct pf_filter *inner, struct pf_stats *stats,
                              struct pf_filter **ret, struct pf_error *err)
{
    struct try_filter *f = calloc(1, sizeof *f);

    if (!f)
        return pf_fail(err, PF_NOMEM, "try: out of memory");
    f->base.ops = &try_ops;
    f->conf = *conf;
    f->inner = inner;
    f->stats = stats;
    *ret = &f->base;
    return PF_OK;
}

struct pf_try_counts pf_try_filter_counts(const struct pf_filter *filter)
{
    return ((const struct try_filter *)filter)->counts;
}
