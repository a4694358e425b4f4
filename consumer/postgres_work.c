#include "postgres_work.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "postgres_metrics.h"
#include "stop.h"

/* This many records put aside in a row are a sign that the SQL is wrong. */
#define ASIDE_MANY 100

/* When there is no answer for this long, log it. */
#define QUIET_MS 3000

static void count(struct pf_postgres_work *w, enum pf_postgres_metric metric)
{
    pf_stats_add(w->stats, w->metric + metric, 1);
}

/* Begin to execute sql with these values, and release them. */
static enum pf_rc send_row(struct pf_postgres_work *w, const char *sql,
                           struct pf_postgres_row *row, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (row->incomplete)
        rc = pf_fail(err, PF_NOMEM, "postgres: out of memory");
    else
        pf_postgres_send(w->link, sql, row);
    pf_postgres_row_release(row);
    return rc;
}

/* The statement that writes the next records, with its values. */
static const char *write_next(struct pf_postgres_work *w,
                              struct pf_postgres_row *ret)
{
    const struct pf_record *records = w->sending.records + w->begin;
    const struct pf_postgres_letter *letter = pf_postgres_batch_letter(
        &w->sending, w->begin);
    size_t left = (letter ? letter->index : w->sending.n) - w->begin;
    size_t n = left < w->span.now ? left : w->span.now;

    if (!left) { /* it is a dead letter */
        n = 1;
        if (w->form < PF_POSTGRES_DEAD_LETTER) {
            w->form = pf_postgres_letter_form(w);
            w->aside = (struct pf_postgres_aside){.kind = letter->kind,
                                                  .why.error = letter->reason};
        }
    }
    w->end = w->begin + n;
    if (!pf_postgres_is_letter(w->form))
        return pf_postgres_write(&w->sql, &w->place, records, n, w->form, ret);
    w->aside.ascii = !pf_postgres_is_utf8(w->link);
    return pf_postgres_put_aside(&w->place, records, w->form, &w->aside, ret);
}

/* Begin the next task that is not done yet. */
static enum pf_rc begin(struct pf_postgres_work *w, struct pf_error *err)
{
    struct pf_postgres_row row = {0};

    w->began_ms = pf_now_ms();
    if (!pf_postgres_is_up(w->link)) {
        w->task = PF_POSTGRES_TO_CONNECT;
        w->mapping_made = w->placed = false;
        pf_postgres_connect(w->link);
    } else if (!w->tables_made) {
        w->task = PF_POSTGRES_TO_TABLES;
        pf_postgres_send(w->link, w->sql.tables, NULL);
    } else if (w->n_applied < w->sql.n_schemas) {
        w->task = PF_POSTGRES_TO_SCHEMA;
        pf_postgres_send(w->link, w->sql.schemas[w->n_applied], NULL);
    } else if (w->sql.mapping && !w->mapping_made) {
        w->task = PF_POSTGRES_TO_MAPPING;
        pf_postgres_send(w->link, w->sql.mapping, NULL);
    } else if (!w->placed) {
        w->task = PF_POSTGRES_TO_POSITION;
        return send_row(w, pf_postgres_ask(&w->place, &row), &row, err);
    } else if (w->on_bad == PF_ON_BAD_DEAD_LETTER && !w->has_columns &&
               !w->does_without) {
        w->task = PF_POSTGRES_TO_COLUMNS;
        pf_postgres_send(w->link, PF_POSTGRES_ADD_COLUMNS, NULL);
    } else if (w->begin < w->sending.n) {
        w->task = PF_POSTGRES_TO_WRITE;
        return send_row(w, write_next(w, &row), &row, err);
    }
    return PF_OK;
}

/* Bad records of a topic are refused one here and one there; with wrong SQL,
 * all are. Only a person can tell which it is: say so. */
static void say_many(struct pf_postgres_work *w)
{
    if (w->n_aside < ASIDE_MANY)
        return;
    if (w->form == PF_POSTGRES_SKIPPED)
        pf_log_limited(
            &w->log_all_aside, PF_LOG_ERROR,
            "PostgreSQL: %u records in a row were skipped, the last "
            "for: %s. If the SQL is at fault, stop this program, "
            "correct it, and read them again: docs/postgres.md, dead "
            "letters",
            w->n_aside, w->aside.why.error.text);
    else
        pf_log_limited(&w->log_all_aside, PF_LOG_ERROR,
                       "PostgreSQL: %u records in a row were put aside, the "
                       "last for: %s. If the SQL is at fault, stop this "
                       "program, correct it, and read them again: "
                       "docs/postgres.md, dead letters",
                       w->n_aside, w->aside.why.error.text);
}

/* Count what became of records that are not rows. */
static void count_refused(struct pf_postgres_work *w)
{
    if (w->form < PF_POSTGRES_DEAD_LETTER) {
        w->n_aside = 0;
        return;
    }
    count(w, w->form == PF_POSTGRES_SKIPPED ? PF_POSTGRES_LEFT_OUT
                                            : PF_POSTGRES_PUT_ASIDE);
    if (w->aside.why.verdict) { /* else it is not PostgreSQL that refused it */
        w->n_aside++;
        say_many(w);
    }
}

/* Records begin to end - 1 are in the database. */
static void on_written(struct pf_postgres_work *w)
{
    count_refused(w);
    count(w, PF_POSTGRES_TRANSACTIONS);
    w->place.expected = w->sending.records[w->end - 1].offset + 1;
    w->arrived += w->end - w->begin;
    w->begin = w->end;
    w->form = PF_POSTGRES_ROWS;
    w->tries = 0;
    w->doubt_end = 0;
    w->fenced = w->suspected = false;
    pf_postgres_span_grow(&w->span);
}

/*
 * The database is at offset stored. If an answer was lost and stored is where
 * these records would have moved it, they have been written. This holds also if
 * the transaction of the lost connection was still running when this one asked.
 */
static enum pf_rc on_position(struct pf_postgres_work *w, int64_t stored,
                              struct pf_error *err)
{
    if (!w->started) {
        w->place.expected = stored;
        w->started = true;
    } else if (w->doubt_end &&
               stored == w->sending.records[w->doubt_end - 1].offset + 1) {
        w->end = w->doubt_end;
        w->form = w->doubt_form;
        on_written(w);
    } else if (w->fenced || stored != w->place.expected) {
        return pf_fail(
            err, PF_FATAL,
            "PostgreSQL: another consumer writes %s [%" PRId32
            "]: feed_offsets continues at %" PRId64 ", this one at %" PRId64,
            w->place.topic, w->place.partition, stored, w->place.expected);
    }
    w->placed = true;
    return PF_OK;
}

static enum pf_rc on_done(struct pf_postgres_work *w, const PGresult *result,
                          struct pf_error *err)
{
    int64_t stored = -1;

    /* A success after a failure; only when a record that may end its
     * connection has been written is it certain that work goes on. */
    if (w->pause_ms && w->task != PF_POSTGRES_TO_CONNECT &&
        (!w->tries || w->task == PF_POSTGRES_TO_WRITE)) {
        pf_log(PF_LOG_INFO, "PostgreSQL: continuing");
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
        w->has_columns = PQntuples(result) == 1 &&
                         *PQgetvalue(result, 0, 1) == 't';
        return on_position(w, stored, err);
    case PF_POSTGRES_TO_COLUMNS:
        w->has_columns = true;
        return PF_OK;
    case PF_POSTGRES_TO_WRITE:
        w->fenced = !PQntuples(result);
        if (w->fenced)
            w->placed = false; /* read the position again: did we move it? */
        else
            on_written(w);
        return PF_OK;
    case PF_POSTGRES_TO_IDLE:
    default:
        return PF_OK;
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
    rc = answer.verdict == PF_POSTGRES_DONE
             ? on_done(work, answer.result, err)
             : pf_postgres_on_failure(work, &answer, err);
    PQclear(answer.result);
    work->task = PF_POSTGRES_TO_IDLE;
    return rc;
}
