#include "jq_work.h"

#include <malloc.h>
#include <stdlib.h>

#include "fnv.h"
#include "jq_record.h"
#include "jq_value.h"
#include "log.h"

/* The kind of what a program refuses. */
static const char *const kinds[] = {[PF_JQ_WHERE] = "where",
                                    [PF_JQ_MAP] = "map",
                                    [PF_JQ_KEY] = "key",
                                    [PF_JQ_TIME] = "time"};

/* Compile the program of a step, with what the lookups have now. */
static enum pf_rc compile(const struct pf_jq_work *work, enum pf_jq_step step,
                          struct pf_jq **ret, struct pf_error *err)
{
    return pf_jq_compile(&work->parts[step].source, pf_jq_setting(step),
                         work->pure, pf_lookups_values(&work->lookups),
                         work->watch, ret, err);
}

/* After feed.map only libjq has the value that goes on. */
static enum pf_rc make_part(struct pf_jq_work *work,
                            const struct pf_jq_conf *conf, enum pf_jq_step step,
                            struct pf_error *err)
{
    const char *program = pf_jq_program(conf, step);
    struct pf_jq_part *part = &work->parts[step];
    enum pf_rc rc;

    if (!*program)
        return PF_OK;
    rc = pf_jq_source_read(program, &part->source, err);
    if (rc)
        return rc;
    pf_lookups_note(&work->lookups, &part->source);
    rc = compile(work, step, &part->jq, err);
    if (rc)
        return rc;
    if (step == PF_JQ_WHERE || (step != PF_JQ_MAP && !*conf->map))
        part->is_plain = pf_jq_plain_init(&part->plain,
                                          &work->finds[work->n_finds], program);
    work->n_finds += part->is_plain;
    return PF_OK;
}

enum pf_rc pf_jq_work_new(const struct pf_jq_conf *conf,
                          const struct pf_settings *settings,
                          struct pf_jq_work **ret, struct pf_error *err)
{
    struct pf_jq_work *work = calloc(1, sizeof *work);
    enum pf_rc rc;

    if (!work)
        return pf_fail(err, PF_NOMEM, "jq: out of memory");
    work->pure = conf->pure;
    rc = pf_lookups_open(&work->lookups, &conf->lookups, err);
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS && !rc; i++) {
        rc = make_part(work, conf, i, err);
        if (rc)
            pf_settings_fail(settings, pf_jq_setting(i), rc, err);
    }
    if (rc)
        pf_jq_work_free(work);
    else
        *ret = work;
    return rc;
}

void pf_jq_work_free(struct pf_jq_work *work)
{
    if (!work)
        return;
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS; i++) {
        pf_jq_close(work->parts[i].jq);
        pf_jq_source_release(&work->parts[i].source);
    }
    pf_lookups_close(&work->lookups);
    free(work);
}

static void set_watch(struct pf_jq_work *work, struct pf_jq_watch *watch)
{
    work->watch = watch;
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS; i++)
        if (pf_jq_has(work, i))
            pf_jq_set_watch(work->parts[i].jq, watch);
}

enum pf_rc pf_jq_work_open(struct pf_jq_work *work,
                           const struct pf_jq_conf *conf, struct pf_error *err)
{
    const struct pf_jq_limits limits = {.time_ms = conf->timeout_ms,
                                        .memory = (size_t)conf->memory_mb << 20,
                                        .ends = conf->deaths};
    struct pf_jq_watch *watch;
    enum pf_rc rc = pf_jq_watch_open(&limits, &watch, err);

    if (rc)
        return rc;
    set_watch(work, watch);
    work->conf = conf;
    work->deaths = conf->deaths;
    return PF_OK;
}

void pf_jq_work_close(struct pf_jq_work *work)
{
    pf_jq_watch_close(work->watch);
    set_watch(work, NULL);
}

uint64_t pf_jq_work_hash(const struct pf_jq_work *work)
{
    uint64_t hash = pf_fnv_number(PF_FNV_BEGIN, work->conf->tombstones);

    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS; i++) {
        const struct pf_buffer *text = &work->parts[i].source.text;

        hash = pf_fnv_number(hash, (int64_t)text->n);
        hash = pf_fnv_bytes(hash, text->at, text->n);
    }
    return hash | 1;
}

/* A program that could be compiled before can be now, unless memory runs out,
 * or definitions in the file ~/.jq have changed. What is free then, a whole
 * table in small pieces, the C library would keep. */
void pf_jq_work_look(struct pf_jq_work *work)
{
    struct pf_jq *others[PF_JQ_STEPS] = {NULL};
    enum pf_rc rc = PF_OK;
    struct pf_error why;

    if (!pf_lookups_look(&work->lookups))
        return;
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS && !rc; i++) {
        if (pf_jq_has(work, i))
            rc = compile(work, i, &others[i], &why);
        if (rc)
            pf_log(PF_LOG_WARNING,
                   "%s: %s; the lookups that were read before stay in use",
                   pf_jq_setting(i), why.text);
    }
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS; i++) {
        struct pf_jq *other = others[i];

        if (other && !rc) {
            others[i] = work->parts[i].jq;
            work->parts[i].jq = other;
        }
        pf_jq_close(others[i]);
    }
    malloc_trim(0);
}

void pf_jq_work_enter(struct pf_jq_work *work)
{
    pf_jq_watch_begin(work->watch);
}

void pf_jq_work_leave(struct pf_jq_work *work)
{
    pf_jq_watch_end(work->watch);
    if (work->deaths)
        pf_deaths_end(work->deaths);
}

bool pf_jq_refuse(struct pf_jq_work *work, const char *kind)
{
    work->kind = kind;
    return false;
}

/* By what a step could not do. */
static bool refuse(struct pf_jq_work *work, enum pf_jq_step step, enum pf_rc rc)
{
    if (rc != PF_RANGE)
        return pf_jq_refuse(work, kinds[step]);
    pf_fail_in(&work->why, rc, "%s: ", pf_jq_setting(step));
    return pf_jq_refuse(work, "limit");
}

bool pf_jq_work_begin(struct pf_jq_work *work, const struct pf_record *record)
{
    pf_jq_watch_record(work->watch);
    work->record = record;
    work->value = jv_invalid();
    if (work->deaths && !pf_deaths_begin(work->deaths, record, &work->why))
        return pf_jq_refuse(work, "deaths");
    work->kind = pf_jq_check(record->value, record->value_len, work->finds,
                             work->n_finds, &work->why);
    return !work->kind;
}

void pf_jq_work_end(struct pf_jq_work *work)
{
    jv_free(work->value);
}

/* The record's value: the caller's. */
static bool get_value(struct pf_jq_work *work, jv *ret)
{
    const struct pf_record *record = work->record;

    if (!jv_is_valid(work->value) &&
        pf_jq_parse(record->value, record->value_len, &work->value, &work->why))
        return pf_jq_refuse(work, "syntax");
    *ret = jv_copy(work->value);
    return true;
}

/* $record, for a step that wants it. */
static jv get_record(struct pf_jq_work *work, enum pf_jq_step step)
{
    return pf_jq_wants_record(work->parts[step].jq)
               ? pf_jq_record(work->record, jv_copy(work->value))
               : jv_null();
}

bool pf_jq_where(struct pf_jq_work *work, bool *ret)
{
    struct pf_jq_part *where = &work->parts[PF_JQ_WHERE];
    enum pf_jq_answer answer = PF_JQ_ASK_LIBJQ;
    enum pf_rc rc;
    jv value;

    if (where->is_plain)
        answer = pf_jq_plain_is_true(&where->plain, work->record->value);
    *ret = answer == PF_JQ_YES;
    if (answer != PF_JQ_ASK_LIBJQ)
        return true;
    if (!get_value(work, &value))
        return false;
    rc = pf_jq_is_true(where->jq, value, get_record(work, PF_JQ_WHERE), ret,
                       &work->why);
    return rc ? refuse(work, PF_JQ_WHERE, rc) : true;
}

bool pf_jq_map(struct pf_jq_work *work)
{
    jv value;

    if (!get_value(work, &value))
        return false;
    pf_jq_start(work->parts[PF_JQ_MAP].jq, value, get_record(work, PF_JQ_MAP));
    return true;
}

bool pf_jq_map_next(struct pf_jq_work *work, jv *ret, bool *ret_last)
{
    enum pf_rc rc = pf_jq_next(work->parts[PF_JQ_MAP].jq, ret, &work->why);

    *ret_last = rc == PF_END;
    return rc && rc != PF_END ? refuse(work, PF_JQ_MAP, rc) : true;
}

/* The result of a step, as pf_jq_text(). */
static bool run(struct pf_jq_work *work, enum pf_jq_step step, jv value,
                jv *ret)
{
    jv input = jv_copy(value);
    enum pf_rc rc;

    if (!jv_is_valid(value) && !get_value(work, &input))
        return false;
    rc = pf_jq_one(work->parts[step].jq, input, get_record(work, step), ret,
                   &work->why);
    return rc ? refuse(work, step, rc) : true;
}

bool pf_jq_text(struct pf_jq_work *work, enum pf_jq_step step, jv value,
                struct pf_buffer *out, struct pf_jq_text *ret)
{
    struct pf_jq_part *part = &work->parts[step];
    enum pf_jq_answer answer = PF_JQ_ASK_LIBJQ;
    size_t begin = out->n;
    enum pf_rc rc;
    jv result;

    *ret = (struct pf_jq_text){0};
    if (part->is_plain)
        answer = pf_jq_plain_text(&part->plain, work->record->value, &ret->at,
                                  &ret->len);
    ret->is_null = answer == PF_JQ_NO;
    if (answer != PF_JQ_ASK_LIBJQ)
        return true;
    if (!run(work, step, value, &result))
        return false;
    ret->is_null = jv_get_kind(result) == JV_KIND_NULL;
    rc = pf_jq_print_text(result, out, &work->why);
    jv_free(result);
    ret->at = NULL;
    ret->len = out->n - begin;
    return rc ? pf_jq_refuse(work, kinds[step]) : true;
}
