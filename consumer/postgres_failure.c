#include "postgres_work.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "text.h"

/* Pause between attempts: the first value, doubled up to the second. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 2000

/* If a single record is too much, or ends its connection, this many times, the
 * record is at fault. The pauses between add up to 3 s, so that a stalled disk
 * or an operator is not mistaken for a bad record too soon. */
#define TRIES_MAX 6

/* Try again after a pause, which grows. */
static enum pf_rc back_off(struct pf_postgres_work *w,
                           const struct pf_postgres_answer *answer,
                           struct pf_error *err)
{
    (void)err;
    w->pause_ms = w->pause_ms * 2;
    if (w->pause_ms < PAUSE_MIN_MS)
        w->pause_ms = PAUSE_MIN_MS;
    if (w->pause_ms > PAUSE_MAX_MS)
        w->pause_ms = PAUSE_MAX_MS;
    w->resume_ms = pf_now_ms() + w->pause_ms;
    pf_log_limited(&w->log_waiting, PF_LOG_WARNING,
                   "PostgreSQL: trying again: %s", answer->error.text);
    return PF_OK;
}

static enum pf_rc give_up(struct pf_postgres_work *w,
                          const struct pf_postgres_answer *answer,
                          struct pf_error *err)
{
    bool in_file = w->task == PF_POSTGRES_TO_SCHEMA ||
                   w->task == PF_POSTGRES_TO_MAPPING;
    bool in_letter = w->task == PF_POSTGRES_TO_WRITE &&
                     pf_postgres_is_letter(w->form);
    const char *where = w->task == PF_POSTGRES_TO_SCHEMA
                            ? w->sql.schema_paths[w->n_applied]
                        : in_file   ? w->sql.mapping_path
                        : in_letter ? "feed_dead_letters"
                                    : "";
    enum pf_rc rc = in_letter && answer->verdict == PF_POSTGRES_REFUSED
                        ? PF_IO
                        : PF_CONFIG;

    if (in_file && answer->line)
        return pf_fail(err, rc, "PostgreSQL: %s:%u: %s", where, answer->line,
                       answer->error.text);
    return pf_fail(err, rc, "PostgreSQL: %s%s%s", where, *where ? ": " : "",
                   answer->error.text);
}

/* The record is refused, whatever its form: do what the policy says. */
static enum pf_rc refuse(struct pf_postgres_work *w,
                         const struct pf_postgres_answer *answer,
                         struct pf_error *err)
{
    const struct pf_record *record = &w->sending.records[w->begin];
    char value[256];

    if (w->on_bad == PF_ON_BAD_STOP)
        return pf_fail(err, PF_FORMAT,
                       "PostgreSQL: the record at offset %" PRId64
                       " is bad: %s (feed.on.bad = stop)",
                       record->offset, answer->error.text);
    w->aside = (struct pf_postgres_aside){.kind = "refused", .why = *answer};
    pf_escape(value, sizeof value, record->value ? record->value : "",
              record->value_len);
    if (w->on_bad == PF_ON_BAD_SKIP) {
        w->form = PF_POSTGRES_SKIPPED;
        pf_log_limited(&w->log_aside, PF_LOG_WARNING,
                       "skipped the record at offset %" PRId64 ": %s: %s",
                       record->offset, answer->error.text, value);
    } else {
        w->form = pf_postgres_letter_form(w);
        pf_log_limited(&w->log_aside, PF_LOG_WARNING,
                       "put aside the record at offset %" PRId64 ": %s: %s",
                       record->offset, answer->error.text, value);
    }
    return PF_OK;
}

/* The record was refused in this form: try the next one. */
static enum pf_rc next_form(struct pf_postgres_work *w,
                            const struct pf_postgres_answer *answer,
                            struct pf_error *err)
{
    const struct pf_record *record = &w->sending.records[w->begin];

    w->tries = 0;
    switch (w->form) {
    case PF_POSTGRES_ROWS:
        /* A character that the database's encoding lacks: is it the key's? */
        if (w->sql.mapping && record->key && !strcmp(answer->sqlstate, "22P05"))
            w->form = PF_POSTGRES_ROW_WITHOUT_KEY;
        else
            return refuse(w, answer, err);
        return PF_OK;
    case PF_POSTGRES_ROW_WITHOUT_KEY:
        return refuse(w, answer, err);
    case PF_POSTGRES_DEAD_LETTER:
    case PF_POSTGRES_SHORT_DEAD_LETTER:
        w->form++; /* the next one is shorter */
        w->aside.cut = answer->error;
        return PF_OK;
    case PF_POSTGRES_BARE_DEAD_LETTER:
    case PF_POSTGRES_SKIPPED:
    default:
        return give_up(w, answer, err);
    }
}

/* None of these records is in the database: find the one that is at fault by
 * halving. */
static enum pf_rc on_refused(struct pf_postgres_work *w,
                             const struct pf_postgres_answer *answer,
                             struct pf_error *err)
{
    w->doubt_end = 0;
    pf_postgres_span_halve(&w->span, w->end - w->begin);
    return w->end - w->begin > 1 ? PF_OK : next_form(w, answer, err);
}

/* Try fewer records. A single record that is too much, again and again, counts
 * as refused, except for the shortest dead letter, or none: that is not the
 * record's fault. */
static enum pf_rc on_too_much(struct pf_postgres_work *w,
                              const struct pf_postgres_answer *answer,
                              struct pf_error *err)
{
    size_t n = w->end - w->begin;

    pf_postgres_span_limit(&w->span, n);
    if (n > 1) {
        pf_log_limited(&w->log_too_much, PF_LOG_WARNING,
                       "PostgreSQL: %zu records are too much for one "
                       "transaction: %s; trying %zu",
                       n, answer->error.text, w->span.now);
        return PF_OK;
    }
    if (++w->tries < TRIES_MAX || w->form >= PF_POSTGRES_BARE_DEAD_LETTER)
        return back_off(w, answer, err);
    return next_form(w, answer, err);
}

/*
 * The records may have been written; the next connection will tell. If not,
 * they may have ended this connection: the server's process may have run out
 * of memory because of them, or crashed. Anything else that ends connections
 * does not do so each time after the position was answered and before the
 * records are.
 */
static enum pf_rc on_lost(struct pf_postgres_work *w,
                          const struct pf_postgres_answer *answer,
                          struct pf_error *err)
{
    size_t n = w->end - w->begin;

    w->doubt_end = w->end;
    w->doubt_form = w->form;
    back_off(w, answer, err);
    pf_postgres_span_limit(&w->span, n);
    if (n > 1 || ++w->tries < TRIES_MAX ||
        w->form >= PF_POSTGRES_BARE_DEAD_LETTER)
        return PF_OK;
    return next_form(w, answer, err);
}

/*
 * A missing name is missing for all records, unless a function makes names
 * from a record's contents. Reading the mapping again tells which it is: if
 * PostgreSQL accepts the mapping, a record is at fault. Without a mapping, only
 * a trigger can make names.
 */
static enum pf_rc on_mistake(struct pf_postgres_work *w,
                             const struct pf_postgres_answer *answer,
                             struct pf_error *err)
{
    if (w->form >= PF_POSTGRES_DEAD_LETTER || w->suspected ||
        (!w->sql.mapping && answer->within))
        return on_refused(w, answer, err);
    if (!w->sql.mapping)
        return give_up(w, answer, err);
    w->suspected = true;
    w->mapping_made = false;
    return PF_OK;
}

/* A shorter dead letter needs fewer permissions. */
static enum pf_rc on_denied(struct pf_postgres_work *w,
                            const struct pf_postgres_answer *answer,
                            struct pf_error *err)
{
    return w->form == PF_POSTGRES_DEAD_LETTER ||
                   w->form == PF_POSTGRES_SHORT_DEAD_LETTER
               ? on_refused(w, answer, err)
               : give_up(w, answer, err);
}

/* feed_dead_letters does not get the columns that it lacks. Dead letters are
 * kept there as they were before it had them. */
static enum pf_rc do_without(struct pf_postgres_work *w,
                             const struct pf_postgres_answer *answer,
                             struct pf_error *err)
{
    (void)err;
    w->does_without = true;
    pf_log(
        PF_LOG_WARNING,
        "PostgreSQL: feed_dead_letters keeps no kind and headers, as it "
        "lacks a column: %s. Its owner can add them: " PF_POSTGRES_ADD_COLUMNS,
        answer->error.text);
    return PF_OK;
}

enum pf_rc pf_postgres_on_failure(struct pf_postgres_work *work,
                                  const struct pf_postgres_answer *answer,
                                  struct pf_error *err)
{
    typedef enum pf_rc (*action)(struct pf_postgres_work *,
                                 const struct pf_postgres_answer *,
                                 struct pf_error *);
    static const struct {
        action writing, to_columns, otherwise;
    } actions[] = {
        [PF_POSTGRES_REFUSED] = {on_refused, do_without, give_up},
        [PF_POSTGRES_TOO_MUCH] = {on_too_much, back_off, back_off},
        [PF_POSTGRES_LATER] = {back_off, back_off, back_off},
        [PF_POSTGRES_LOST] = {on_lost, back_off, back_off},
        [PF_POSTGRES_MISTAKE] = {on_mistake, do_without, give_up},
        [PF_POSTGRES_DENIED] = {on_denied, do_without, give_up},
    };

    if (work->task == PF_POSTGRES_TO_WRITE)
        return actions[answer->verdict].writing(work, answer, err);
    return work->task == PF_POSTGRES_TO_COLUMNS
               ? actions[answer->verdict].to_columns(work, answer, err)
               : actions[answer->verdict].otherwise(work, answer, err);
}
