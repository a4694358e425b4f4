#include "audit.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "kafka_source.h"
#include "log.h"
#include "report.h"
#include "stats.h"
#include "stop.h"

/* Interval of status lines: on a terminal, and in a log. */
#define TERMINAL_MS 1000
#define LOG_MS 10000

/* The search for findings takes at most 1 / this of the time. */
#define STATUS_SHARE 20

/* After a stop: when nothing has come for IDLE_MS, everything has. */
#define IDLE_MS 500
#define DRAIN_MS 5000

enum { BEGAN, POSITION, TOPIC_END, HELD_BACK, METRICS };

static const struct pf_metric metrics[METRICS] = {
    {"began_ns", "When reading began.", PF_GAUGE, "nanoseconds"},
    {"position", "Offset at which reading began.", PF_GAUGE, "offset"},
    {"topic_end", "Offset that the topic's next record gets.", PF_GAUGE,
     "offset"},
    {"records_held_back", "Records that wait for an open transaction to end.",
     PF_GAUGE, "records"},
};

/* A running audit. */
struct session {
    const struct pf_audit *conf;
    struct pf_runs runs;
    struct pf_topic topic;
    struct pf_book book;
    struct pf_lines lines;
    struct pf_check check;
    struct pf_stats *stats;
    struct pf_source *source;
    int64_t read_ns; /* all records acknowledged before this have been read */
    int64_t status_due_ms;
};

static enum pf_rc open_source(struct session *s, rd_kafka_conf_t *kafka,
                              struct pf_error *err)
{
    const struct pf_audit *conf = s->conf;
    struct pf_kafka_start start = {
        .topic = conf->feed.topic,
        .partition = (int32_t)conf->feed.partition,
        .chosen = conf->partition_chosen,
        .offset = conf->start ? conf->start : RD_KAFKA_OFFSET_BEGINNING,
        .end_at_eof = !conf->follow,
        .without_group = true,
        .began_metric = BEGAN,
        .position_metric = POSITION,
        .end_metric = TOPIC_END,
        .held_metric = HELD_BACK,
    };
    enum pf_rc rc = pf_stats_open("", metrics, METRICS, &s->stats, err);

    if (rc) {
        rd_kafka_conf_destroy(kafka);
        return rc;
    }
    start.stats = s->stats;
    return pf_kafka_source_open(kafka, &start, &s->source, err);
}

static int64_t metric(const struct session *s, size_t i)
{
    return (int64_t)*pf_stats_at(s->stats, i);
}

/* Add the next records; PF_END after the last one to audit. */
static enum pf_rc read_topic(struct session *s, int timeout_ms,
                             struct pf_error *err)
{
    int64_t end = s->conf->end;
    struct pf_batch batch;
    enum pf_rc rc = s->source->ops->read(s->source, timeout_ms, &batch, err);

    if (rc == PF_SETTLE) { /* where it begins is known already */
        s->source->ops->settled(s->source);
        return PF_AGAIN;
    }
    if (!rc && !s->topic.crcs.n)
        s->topic.start = metric(s, POSITION);
    for (size_t i = 0; i < batch.n && !rc; i++) {
        if (end && batch.records[i].offset >= end)
            return PF_END;
        rc = pf_topic_add(&s->topic, &batch.records[i], err);
    }
    return rc;
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
            return pf_fail(err, PF_UNDECIDED,
                           "nothing from %s [%" PRId64 "] for %" PRId64
                           " ms: does it exist, and is the broker up?",
                           s->conf->feed.topic, s->conf->feed.partition,
                           s->conf->wait_ms);
        rc = read_topic(s, 100, err);
        if (rc == PF_AGAIN)
            continue;
        if (rc)
            break;
        deadline = pf_now_ms() + s->conf->wait_ms;
        if (end == INT64_MAX)
            end = metric(s, TOPIC_END);
        if (pf_topic_end(&s->topic) >= end)
            return PF_OK;
    }
    if (!s->topic.crcs.n)
        s->topic.start = metric(s, POSITION);
    return rc == PF_END ? PF_OK : rc;
}

/* Compare what has been read, with or without the ledgers: fill the check. */
static enum pf_rc compare(struct session *s, const struct pf_book *book,
                          struct pf_error *err)
{
    s->check = (struct pf_check){.topic = &s->topic,
                                 .book = book,
                                 .lines = *s->conf->console ? &s->lines : NULL,
                                 .read_ns = s->read_ns,
                                 .twice_max = (uint64_t)s->conf->twice_max,
                                 .complete = s->conf->complete};
    return pf_check_run(&s->check, err);
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

/* Follow topic and console until a stop is asked for; then read what came
 * before that. */
static enum pf_rc follow(struct session *s, struct pf_error *err)
{
    /* A line's time is taken when it is read, so this is how exact it is. */
    int timeout_ms = s->lines.keep_times ? 1 : 100;
    enum pf_rc rc = PF_OK;
    int64_t deadline;

    while (!rc && !pf_stop_asked()) {
        rc = read_topic(s, timeout_ms, err);
        if (!rc || rc == PF_AGAIN)
            rc = pf_lines_read(&s->lines, false, err);
        if (!rc)
            say_status(s);
    }
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    if (rc && rc != PF_END)
        return rc;

    pf_stop_accept();
    rc = pf_lines_read(&s->lines, false, err);
    if (rc)
        return rc;
    s->read_ns = pf_wall_ns();
    deadline = pf_now_ms() + DRAIN_MS;
    do
        rc = read_topic(s, IDLE_MS, err);
    while (!rc && pf_now_ms() < deadline);
    return rc == PF_AGAIN || rc == PF_END ? PF_OK : rc;
}

/* Read everything, in an order that misses nothing: what is printed is in the
 * topic, and what is in the topic is in the ledger. */
static enum pf_rc gather(struct session *s, rd_kafka_conf_t *kafka,
                         struct pf_error *err)
{
    const struct pf_audit *conf = s->conf;
    enum pf_rc rc = open_source(s, kafka, err);

    if (!rc)
        rc = pf_lines_open(&s->lines, conf->console, conf->follow, err);
    if (!rc)
        rc = conf->follow ? follow(s, err) : read_all(s, err);
    if (!rc && metric(s, HELD_BACK))
        rc = pf_fail(
            err, PF_UNDECIDED,
            "an open transaction holds back %" PRId64 " records of %s [%" PRId64
            "]; ask again once it has ended",
            metric(s, HELD_BACK), conf->feed.topic, conf->feed.partition);
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

    if (!rc)
        rc = compare(s, &s->book, err);
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
    rc = gather(s, kafka, err);
    rc = conclude(s, rc, err);
    pf_source_close(s->source);
    pf_stats_close(s->stats);
    pf_check_release(&s->check);
    pf_lines_release(&s->lines);
    pf_book_release(&s->book);
    pf_topic_release(&s->topic);
    pf_runs_release(&s->runs);
    free(s);
    return rc;
}
