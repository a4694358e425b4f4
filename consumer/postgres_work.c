#include "postgres_work.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "stop.h"
#include "text.h"

/* Between attempts, doubled from the first to the second. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 2000

/* Without an answer for so long, a person should hear of it. */
#define QUIET_MS 3000

static void count(struct pf_postgres_work *w, enum pf_postgres_metric metric)
{
    pf_stats_add(w->conf.stats, w->conf.metric + metric, 1);
}

/* Begin to write the next records. */
static enum pf_rc begin_write(struct pf_postgres_work *w, struct pf_error *err)
{
    const struct pf_record *records = w->sending.records + w->begin;
    size_t n = w->sending.n - w->begin < w->span ? w->sending.n - w->begin
                                                 : w->span;
    struct pf_postgres_row row = {0};
    struct pf_postgres_values values;
    enum pf_rc rc;

    w->end = w->begin + n;
    if (w->put_aside)
        rc = pf_postgres_put_aside_values(&w->place, records, w->why.sqlstate,
                                          w->why.error.text, &row, err);
    else
        rc = pf_postgres_write_values(&w->sql, &w->place, records, n, &row,
                                      err);
    values = pf_postgres_row_values(&row);
    if (!rc)
        pf_postgres_send(w->link,
                         w->put_aside ? pf_postgres_put_aside
                                      : pf_postgres_write(&w->sql),
                         &values);
    pf_postgres_row_release(&row);
    return rc;
}

static enum pf_rc begin_position(struct pf_postgres_work *w,
                                 struct pf_error *err)
{
    struct pf_postgres_row row = {0};
    enum pf_rc rc = pf_postgres_position_values(&w->place, &row, err);
    struct pf_postgres_values values = pf_postgres_row_values(&row);

    if (!rc)
        pf_postgres_send(w->link, pf_postgres_ask_position, &values);
    pf_postgres_row_release(&row);
    return rc;
}

/* What is to be done next, of what is not done yet. */
static enum pf_postgres_task choose(struct pf_postgres_work *w)
{
    if (!pf_postgres_is_up(w->link))
        return PF_POSTGRES_TO_CONNECT;
    if (!w->tables_made)
        return PF_POSTGRES_TO_TABLES;
    if (w->n_applied < w->sql.n_schemas)
        return PF_POSTGRES_TO_SCHEMA;
    if (w->sql.mapping && !w->mapping_made)
        return PF_POSTGRES_TO_MAPPING;
    if (!w->placed)
        return PF_POSTGRES_TO_POSITION;
    return w->begin < w->sending.n ? PF_POSTGRES_TO_WRITE : PF_POSTGRES_TO_IDLE;
}

static enum pf_rc begin(struct pf_postgres_work *w, struct pf_error *err)
{
    w->began_ms = pf_now_ms();
    w->task = choose(w);
    switch (w->task) {
    case PF_POSTGRES_TO_CONNECT:
        w->mapping_made = w->placed = false;
        pf_postgres_connect(w->link);
        return PF_OK;
    case PF_POSTGRES_TO_TABLES:
        pf_postgres_send(w->link, w->sql.tables, NULL);
        return PF_OK;
    case PF_POSTGRES_TO_SCHEMA:
        pf_postgres_send(w->link, w->sql.schemas[w->n_applied], NULL);
        return PF_OK;
    case PF_POSTGRES_TO_MAPPING:
        pf_postgres_send(w->link, w->sql.mapping, NULL);
        return PF_OK;
    case PF_POSTGRES_TO_POSITION:
        return begin_position(w, err);
    case PF_POSTGRES_TO_WRITE:
        return begin_write(w, err);
    case PF_POSTGRES_TO_IDLE:
    default:
        return PF_OK;
    }
}

/* The records begin to end - 1 are in the database. */
static void on_written(struct pf_postgres_work *w)
{
    if (w->put_aside)
        count(w, PF_POSTGRES_PUT_ASIDE);
    count(w, PF_POSTGRES_TRANSACTIONS);
    w->place.expected = w->sending.records[w->end - 1].offset + 1;
    w->arrived += w->end - w->begin;
    w->begin = w->end;
    w->put_aside = w->in_doubt = w->fenced = false;
    w->span = w->span * 2 < w->conf.batch ? w->span * 2 : w->conf.batch;
}

/*
 * The database is at offset stored. After an answer that was lost it may be
 * where these records would have moved it: they are there then. That holds
 * also if the transaction of the lost connection was still going on when this
 * one asked, and won.
 */
static enum pf_rc on_position(struct pf_postgres_work *w, int64_t stored,
                              struct pf_error *err)
{
    if (!w->started) {
        w->place.expected = stored;
        w->started = true;
    } else if (w->in_doubt &&
               stored == w->sending.records[w->end - 1].offset + 1) {
        on_written(w);
    } else if (w->fenced || stored != w->place.expected) {
        return pf_fail(
            err, PF_FATAL,
            "PostgreSQL: another consumer writes %s [%" PRId32
            "]: in feed_offsets it goes on at %" PRId64 ", here at %" PRId64,
            w->place.topic, w->place.partition, stored, w->place.expected);
    }
    w->placed = true;
    return PF_OK;
}

static enum pf_rc on_done(struct pf_postgres_work *w, const PGresult *result,
                          struct pf_error *err)
{
    int64_t stored = -1;

    if (w->pause_ms && w->task != PF_POSTGRES_TO_CONNECT) {
        pf_log(PF_LOG_INFO, "PostgreSQL: it goes on");
        w->pause_ms = 0;
    }
    switch (w->task) {
    case PF_POSTGRES_TO_CONNECT:
        count(w, PF_POSTGRES_CONNECTIONS);
        return PF_OK;
    case PF_POSTGRES_TO_TABLES:
        w->tables_made = true;
        return PF_OK;
    case PF_POSTGRES_TO_SCHEMA:
        w->n_applied++;
        return PF_OK;
    case PF_POSTGRES_TO_MAPPING:
        w->mapping_made = true;
        return PF_OK;
    case PF_POSTGRES_TO_POSITION:
        if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
            stored = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        return on_position(w, stored, err);
    case PF_POSTGRES_TO_WRITE:
        w->fenced = !strcmp(PQcmdTuples((PGresult *)(uintptr_t)result), "0");
        if (w->fenced)
            w->placed = false; /* ask who was it */
        else
            on_written(w);
        return PF_OK;
    case PF_POSTGRES_TO_IDLE:
    default:
        return PF_OK;
    }
}

/* Not one of these records is in the database: find the one that is at fault
 * by halving, and put it aside. */
static enum pf_rc on_refused(struct pf_postgres_work *w,
                             const struct pf_postgres_answer *answer,
                             struct pf_error *err)
{
    const struct pf_record *record = &w->sending.records[w->begin];
    char value[256];

    if (w->put_aside)
        return pf_fail(err, PF_IO, "PostgreSQL: feed_dead_letters: %s",
                       answer->error.text);
    w->in_doubt = false;
    w->span = (w->end - w->begin + 1) / 2;
    if (w->end - w->begin > 1)
        return PF_OK;
    w->put_aside = true;
    w->why = *answer;
    pf_escape(value, sizeof value, record->value ? record->value : "",
              record->value_len);
    pf_log_limited(&w->log_aside, PF_LOG_WARNING,
                   "put aside the record at offset %" PRId64 ": %s: %s",
                   record->offset, answer->error.text, value);
    return PF_OK;
}

/* Try again after a pause, which grows. */
static void back_off(struct pf_postgres_work *w,
                     const struct pf_postgres_answer *answer)
{
    w->pause_ms = w->pause_ms * 2;
    if (w->pause_ms < PAUSE_MIN_MS)
        w->pause_ms = PAUSE_MIN_MS;
    if (w->pause_ms > PAUSE_MAX_MS)
        w->pause_ms = PAUSE_MAX_MS;
    w->resume_ms = pf_now_ms() + w->pause_ms;
    pf_log_limited(&w->log_waiting, PF_LOG_WARNING,
                   "PostgreSQL: trying again: %s", answer->error.text);
}

static enum pf_rc on_mistake(const struct pf_postgres_work *w,
                             const struct pf_postgres_answer *answer,
                             struct pf_error *err)
{
    const char *path = w->task == PF_POSTGRES_TO_SCHEMA
                           ? w->sql.schema_paths[w->n_applied]
                           : w->sql.mapping_path;
    bool in_file = w->task == PF_POSTGRES_TO_SCHEMA ||
                   w->task == PF_POSTGRES_TO_MAPPING;

    if (in_file && answer->line)
        return pf_fail(err, PF_CONFIG, "PostgreSQL: %s:%u: %s", path,
                       answer->line, answer->error.text);
    return pf_fail(err, PF_CONFIG, "PostgreSQL: %s%s%s", in_file ? path : "",
                   in_file ? ": " : "", answer->error.text);
}

static enum pf_rc on_answer(struct pf_postgres_work *w,
                            const struct pf_postgres_answer *answer,
                            struct pf_error *err)
{
    switch (answer->verdict) {
    case PF_POSTGRES_DONE:
        return on_done(w, answer->result, err);
    case PF_POSTGRES_REFUSED:
        if (w->task == PF_POSTGRES_TO_WRITE)
            return on_refused(w, answer, err);
        return on_mistake(w, answer, err);
    case PF_POSTGRES_LOST:
        if (w->task == PF_POSTGRES_TO_WRITE)
            w->in_doubt = true;
        back_off(w, answer);
        return PF_OK;
    case PF_POSTGRES_LATER:
        back_off(w, answer);
        return PF_OK;
    case PF_POSTGRES_MISTAKE:
    default:
        return on_mistake(w, answer, err);
    }
}

enum pf_rc pf_postgres_work_step(struct pf_postgres_work *work, int timeout_ms,
                                 struct pf_error *err)
{
    int64_t pause_ms = work->resume_ms ? work->resume_ms - pf_now_ms() : 0;
    struct pf_postgres_answer answer;
    enum pf_rc rc;

    if (pause_ms > 0 &&
        pf_wait(-1, 0, pause_ms < timeout_ms ? (int)pause_ms : timeout_ms) ==
            PF_END)
        return PF_AGAIN;
    if (pause_ms > timeout_ms)
        return PF_AGAIN;
    work->resume_ms = 0;
    if (work->task == PF_POSTGRES_TO_IDLE) {
        rc = begin(work, err);
        if (rc || work->task == PF_POSTGRES_TO_IDLE)
            return rc;
    }
    if (pf_postgres_wait(work->link, timeout_ms, &answer)) {
        if (pf_now_ms() - work->began_ms > QUIET_MS)
            pf_log_limited(&work->log_waiting, PF_LOG_WARNING,
                           "PostgreSQL: no answer for %" PRId64 " s",
                           (pf_now_ms() - work->began_ms) / 1000);
        return PF_AGAIN;
    }
    rc = on_answer(work, &answer, err);
    PQclear(answer.result);
    work->task = PF_POSTGRES_TO_IDLE;
    return rc;
}

bool pf_postgres_work_is_done(const struct pf_postgres_work *work)
{
    return work->begin == work->sending.n;
}

void pf_postgres_work_give(struct pf_postgres_work *work,
                           struct pf_postgres_batch *batch)
{
    struct pf_postgres_batch given = *batch;

    *batch = work->sending;
    pf_postgres_batch_clear(batch);
    work->sending = given;
    work->begin = 0;
}

enum pf_rc pf_postgres_work_init(struct pf_postgres_work *work,
                                 const struct pf_postgres_conf *conf,
                                 struct pf_error *err)
{
    enum pf_rc rc = pf_postgres_link_open(conf->conninfo, &work->link, err);

    if (rc)
        return pf_fail_in(err, rc, "feed.postgres.conninfo: ");
    work->conf = *conf;
    work->span = conf->batch;
    work->place = (struct pf_postgres_place){.topic = conf->topic,
                                             .partition = conf->partition};
    return pf_postgres_sql_read(&work->sql, conf->schemas, conf->mapping, err);
}

void pf_postgres_work_release(struct pf_postgres_work *work)
{
    pf_postgres_link_close(work->link);
    pf_postgres_batch_release(&work->sending);
    pf_postgres_sql_release(&work->sql);
}
