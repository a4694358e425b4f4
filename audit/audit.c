#include "audit.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reader.h"
#include "report.h"
#include "stop.h"

/* Interval of status lines: on a terminal, and in a log. */
#define TERMINAL_MS 1000
#define LOG_MS 10000

/* The search for findings takes at most 1 / this of the time. */
#define STATUS_SHARE 20

/* Without a ledger, a number that is missing has this time to come. */
#define UNDER_WAY_MS 2000

/* How often to look for it. */
#define LOOK_MS 50

/* After a stop: when nothing has come for IDLE_MS, everything has. */
#define IDLE_MS 500
#define DRAIN_MS 5000

/* A running audit. */
struct session {
    const struct pf_audit *conf;
    struct pf_runs runs;
    struct pf_topic topic;
    struct pf_book book;
    struct pf_lines lines;
    struct pf_check check;
    struct pf_reader reader;
    bool compared;    /* check is of all that has been read */
    int64_t read_ns;  /* all records acknowledged before this have been read */
    uint64_t *missed; /* of each run: the highest number that is missing, + 1 */
    size_t n_missed;
    int64_t status_due_ms;
};

static enum pf_rc fail_silent(const struct session *s, struct pf_error *err)
{
    char partition[32] = "";

    if (!s->topic.all)
        snprintf(partition, sizeof partition, " [%" PRId64 "]",
                 s->conf->feed.partition);
    return pf_fail(err, PF_UNDECIDED,
                   "nothing from %s%s for %" PRId64
                   " ms: does it exist, and is the broker up?",
                   s->conf->feed.topic, partition, s->conf->wait_ms);
}

/* Compare what has been read: fill the check. */
static enum pf_rc compare(struct session *s, const struct pf_book *book,
                          struct pf_error *err)
{
    pf_check_release(&s->check);
    s->check = (struct pf_check){.topic = &s->topic,
                                 .book = book,
                                 .lines = *s->conf->console ? &s->lines : NULL,
                                 .read_ns = s->read_ns,
                                 .end = s->conf->reading.end,
                                 .twice_max = (uint64_t)s->conf->twice_max,
                                 .complete = s->conf->complete};
    return pf_check_run(&s->check, err);
}

/* Is somebody writing? By the clock too, which may be wrong: then there is a
 * wait for nothing. */
static bool is_live(const struct session *s)
{
    for (size_t i = 0; i < s->topic.slices.n; i++) {
        const struct pf_slice *p = &s->topic.slices.at[i];

        if (pf_slice_end(p) > p->goal ||
            p->time_ms >= s->read_ns / 1000000 - UNDER_WAY_MS)
            return true;
    }
    return false;
}

/* May a partition still get a number that is missing, as it has nothing yet
 * from after reading began, or only lower numbers? */
static bool lags(const struct session *s)
{
    for (size_t i = 0; i < s->topic.slices.n; i++) {
        const struct pf_slice *p = &s->topic.slices.at[i];

        if (pf_slice_end(p) <= p->goal ||
            (p->run < s->n_missed && p->next <= s->missed[p->run]))
            return is_live(s);
    }
    return false;
}

/* Read on for for_ms milliseconds; and only while there is a reason to, if that
 * is not NULL. */
static enum pf_rc read_on(struct session *s,
                          bool (*reason)(const struct session *),
                          int64_t for_ms, struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + for_ms;
    enum pf_rc rc = PF_OK;

    pf_check_release(&s->check);
    s->compared = false;
    while ((!rc || rc == PF_AGAIN || rc == PF_END) && (!reason || reason(s)) &&
           pf_now_ms() < deadline) {
        if (pf_stop_asked())
            return pf_fail(err, PF_UNDECIDED, "stopped before the end");
        rc = pf_reader_read(&s->reader, LOOK_MS, err);
        if (rc == PF_END) /* at once */
            pf_wait(-1, 0, LOOK_MS);
    }
    return rc == PF_AGAIN || rc == PF_END ? PF_OK : rc;
}

/* Note which numbers are missing. False: memory ran out. */
static bool note_missed(struct session *s)
{
    const struct pf_findings *found = &s->check.findings;

    free(s->missed);
    s->n_missed = s->runs.list.n;
    s->missed = calloc(s->n_missed + 1, sizeof *s->missed);
    for (size_t i = 0; s->missed && i < found->list.n; i++) {
        const struct pf_finding *f = &found->list.at[i];

        if (f->kind == PF_FOUND_LOST && s->missed[f->run] < f->number + f->n)
            s->missed[f->run] = f->number + f->n;
    }
    return s->missed != NULL;
}

/* Compare what has been read, without a ledger. *ret is how many numbers are
 * missing from before reading began; 0 if that cannot be told. */
static enum pf_rc count_missing(struct session *s, uint64_t *ret,
                                struct pf_error *err)
{
    s->compared = !compare(s, &s->book, NULL);
    *ret = s->check.findings.counts[PF_FOUND_LOST] + s->check.gone;
    return !*ret || note_missed(s) ? PF_OK
                                   : pf_fail(err, PF_NOMEM, "out of memory");
}

/*
 * All partitions have been read to their ends. If numbers are missing, read
 * what was under way then; and if a partition may still get some, wait for
 * that.
 */
static enum pf_rc read_late(struct session *s, struct pf_error *err)
{
    uint64_t missing;
    enum pf_rc rc;

    pf_reader_set_goals(&s->reader, false);
    if (*s->conf->ledgers) /* it tells what has been there */
        return PF_OK;
    rc = count_missing(s, &missing, err);
    if (!rc && missing)
        rc = read_on(s, NULL, UNDER_WAY_MS, err);
    if (!rc && missing)
        rc = count_missing(s, &missing, err);
    if (rc || !missing || !lags(s))
        return rc;
    pf_log(PF_LOG_INFO,
           "%" PRIu64 " numbers are missing, and not every partition has "
           "records from after reading began: waiting for them, %" PRId64
           " ms at most",
           missing, s->conf->wait_ms);
    return read_on(s, lags, s->conf->wait_ms, err);
}

/* Read the whole console, and then everything that the topic has now. */
static enum pf_rc read_all(struct session *s, struct pf_error *err)
{
    enum pf_rc rc = pf_lines_read(&s->lines, true, err);
    int64_t deadline = pf_now_ms() + s->conf->wait_ms, end = INT64_MAX;

    if (rc)
        return rc;
    s->read_ns = pf_wall_ns();
    for (;;) {
        if (pf_stop_asked())
            return pf_fail(err, PF_UNDECIDED, "stopped before the end");
        if (pf_now_ms() >= deadline)
            return fail_silent(s, err);
        rc = pf_reader_read(&s->reader, 100, err);
        if (rc == PF_AGAIN)
            continue;
        if (rc)
            break;
        deadline = pf_now_ms() + s->conf->wait_ms;
        if (s->topic.all)
            continue; /* the source knows when all are at their ends */
        if (end == INT64_MAX)
            end = pf_reader_end(&s->reader);
        if (pf_topic_end(&s->topic) >= end)
            return PF_OK;
    }
    if (rc == PF_END && s->topic.all)
        return read_late(s, err);
    return rc == PF_END ? PF_OK : rc;
}

/* Print a status line; on a terminal it replaces the last one. */
static void say_status(struct session *s)
{
    static const struct pf_book none; /* the ledgers are read at the end */
    bool terminal = isatty(STDERR_FILENO);
    int64_t now = pf_now_ms(), took;
    const char *undecided = NULL;
    struct pf_error err = {0};
    char text[600];

    if (now < s->status_due_ms)
        return;
    if (compare(s, &none, &err))
        undecided = err.text;
    pf_report_status(&s->check, undecided, text, sizeof text);
    pf_check_release(&s->check);
    if (!terminal)
        pf_log(PF_LOG_INFO, "%s", text);
    else if (pf_wait(STDERR_FILENO, POLLOUT, 0) == PF_OK)
        fprintf(stderr, "\r\033[K%s", text);
    took = pf_now_ms() - now;
    s->status_due_ms = now + (terminal ? TERMINAL_MS : LOG_MS);
    if (s->status_due_ms < now + took * STATUS_SHARE)
        s->status_due_ms = now + took * STATUS_SHARE;
}

/* After a stop: read what came before that. */
static enum pf_rc drain(struct session *s, struct pf_error *err)
{
    int64_t began = pf_now_ms();
    bool whole = false; /* all of it has come */
    enum pf_rc rc;

    do {
        rc = pf_reader_read(&s->reader, IDLE_MS, err);
        /* The end is that of an answer from after the stop. */
        whole |= rc == PF_END || (pf_now_ms() - began >= IDLE_MS &&
                                  pf_reader_has_all(&s->reader, s->read_ns));
    } while ((!rc || (rc == PF_AGAIN && !whole)) &&
             pf_now_ms() - began < DRAIN_MS);
    if (rc && rc != PF_AGAIN && rc != PF_END)
        return rc;
    return whole ? PF_OK
                 : pf_fail(err, PF_UNDECIDED,
                           "stopped before all that %s has was read",
                           s->conf->feed.topic);
}

/* Follow topic and console until a stop is asked for; then read what came
 * before that. */
static enum pf_rc follow(struct session *s, struct pf_error *err)
{
    /* A line's time is taken when it is read, so this is how exact it is. */
    int timeout_ms = s->lines.keep_times ? 1 : 100;
    enum pf_rc rc = PF_OK;

    while (!rc && !pf_stop_asked()) {
        rc = pf_reader_read(&s->reader, timeout_ms, err);
        if (!rc || rc == PF_AGAIN)
            rc = pf_lines_read(&s->lines, false, err);
        if (!rc)
            rc = pf_reader_move_goals(&s->reader, UNDER_WAY_MS, err);
        if (!rc)
            say_status(s);
    }
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    if (rc && rc != PF_END)
        return rc;

    pf_reader_set_goals(&s->reader, true);
    pf_stop_accept();
    rc = pf_lines_read(&s->lines, false, err);
    if (rc)
        return rc;
    s->read_ns = pf_wall_ns();
    return drain(s, err);
}

/* Read everything, in an order that misses nothing: what is printed is in the
 * topic, and what is in the topic is in the ledger. */
static enum pf_rc gather(struct session *s, rd_kafka_conf_t *kafka,
                         struct pf_error *err)
{
    const struct pf_audit *conf = s->conf;
    enum pf_rc rc = pf_reader_open(&s->reader, &conf->reading, &s->topic, kafka,
                                   err);

    if (!rc)
        rc = pf_lines_open(&s->lines, conf->console, conf->reading.follow, err);
    s->topic.keep_times = s->lines.keep_times;
    s->topic.keep_matches = s->lines.keep_matches = s->topic.all &&
                                                    *conf->console &&
                                                    !conf->feed.any_values;
    if (!rc)
        rc = conf->reading.follow ? follow(s, err) : read_all(s, err);
    if (!rc && pf_reader_held(&s->reader))
        rc = pf_fail(err, PF_UNDECIDED,
                     "an open transaction holds back %" PRId64
                     " records of %s [%s]; ask again once it has ended",
                     pf_reader_held(&s->reader), conf->feed.topic,
                     conf->partition);
    s->book.slices = s->topic.slices.n;
    if (!rc && *conf->ledgers)
        rc = pf_book_read_files(&s->book, conf->ledgers, err);
    return rc;
}

static enum pf_rc put_report(const struct session *s, const char *undecided,
                             struct pf_error *err)
{
    if (s->conf->format == PF_AUDIT_TEXT)
        pf_report_text(&s->check, undecided, stdout);
    else if (pf_report_json(&s->check, undecided, stdout))
        return pf_fail(err, PF_NOMEM, "no memory for the report");
    if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
        return pf_fail(err, PF_IO, "standard output: %s", strerror(errno));
    return PF_OK;
}

static enum pf_rc conclude(struct session *s, enum pf_rc rc,
                           struct pf_error *err)
{
    const char *undecided = NULL;
    struct pf_error failure = {0};
    char counts[300];

    if (!rc && !s->compared)
        rc = compare(s, &s->book, err);
    if (!rc && !s->book.any)
        rc = pf_reader_check_choice(
            &s->reader, s->check.findings.counts[PF_FOUND_LOST], err);
    if (rc) { /* whatever the reason: no decision is possible */
        rc = PF_UNDECIDED;
        undecided = err->text;
    }
    if (!rc && *s->conf->findings)
        rc = pf_findings_write(&s->check.findings, s->conf->findings, err);
    if (rc != PF_IO && put_report(s, undecided, &failure)) {
        *err = failure;
        rc = PF_IO;
    }
    if (!rc && !s->check.valid)
        rc = pf_fail(
            err, PF_INVALID, "%s",
            pf_findings_counts(&s->check.findings, counts, sizeof counts));
    return rc;
}

enum pf_rc pf_audit_run(const struct pf_audit *conf, rd_kafka_conf_t *kafka,
                        struct pf_error *err)
{
    struct session *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(kafka);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    s->conf = conf;
    s->topic = pf_topic_init(&conf->feed, &s->runs);
    s->book = pf_book_init(&conf->feed, &s->runs);
    rc = conf->feed.partition == PF_ALL_PARTITIONS
             ? PF_OK /* how many there are is not known yet */
             : pf_topic_open(&s->topic, 1, err);
    if (rc)
        rd_kafka_conf_destroy(kafka);
    else
        rc = gather(s, kafka, err);
    rc = conclude(s, rc, err);
    pf_reader_close(&s->reader);
    pf_check_release(&s->check);
    free(s->missed);
    pf_lines_release(&s->lines);
    pf_book_release(&s->book);
    pf_topic_release(&s->topic);
    pf_runs_release(&s->runs);
    free(s);
    return rc;
}
