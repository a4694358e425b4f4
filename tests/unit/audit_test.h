/* audit_test.h - hand-made streams for an audit. */
#ifndef PF_AUDIT_TEST_H
#define PF_AUDIT_TEST_H

#include "unit.h"

#include <inttypes.h>
#include <zlib.h>

#include "check.h"
#include "price.h"
#include "record.h"

/** All that an audit looks at, and what it found. */
struct world {
    struct pf_feed feed;
    struct pf_runs runs;
    struct pf_topic topic;
    struct pf_book book;
    struct pf_lines lines;
    struct pf_check check;
    struct pf_error err;
    int64_t offset; /* of the next record */
    int64_t now_ms; /* its timestamp */
    char *ledger;   /* text */
    size_t ledger_len;
    FILE *ledger_file;
    char found[65536];
};

static int make_world(void **state)
{
    static char topic[] = "t", run[] = "feed-run", seq[] = "feed-seq",
                time[] = "feed-ts";
    struct world *w = calloc(1, sizeof *w);

    w->feed = (struct pf_feed){.topic = topic,
                               .run_header = run,
                               .seq_header = seq,
                               .time_header = time,
                               .from_zero = true};
    w->topic = pf_topic_init(&w->feed, &w->runs);
    w->topic.keep_times = true;
    assert_int_equal(pf_topic_open(&w->topic, 1, NULL), PF_OK);
    w->book = pf_book_init(&w->feed, &w->runs);
    w->now_ms = INT64_C(1800000000000);
    w->ledger_file = open_memstream(&w->ledger, &w->ledger_len);
    *state = w;
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    fclose(w->ledger_file);
    free(w->ledger);
    pf_check_release(&w->check);
    pf_topic_release(&w->topic);
    pf_book_release(&w->book);
    pf_lines_release(&w->lines);
    pf_runs_release(&w->runs);
    free(w);
    return 0;
}

/** The ith value of a run: near ones differ. */
static inline const char *value(uint64_t i)
{
    static char text[PF_PRICE_JSON_SIZE];

    pf_price_encode(
        &(struct pf_price){.match = 100 + (int64_t)(i % 900),
                           .ticks = 100 + (int64_t)(i * 7919 % 901)},
        text);
    return text;
}

/** Add a record; header members that are NULL are not there. */
static inline void put_record(struct world *w, struct pf_record *record,
                              const char *run, const char *seq, const char *ts,
                              const char *text)
{
    const char *const names[] = {"feed-run", "feed-seq", "feed-ts"};
    const char *const values[] = {run, seq, ts};
    struct pf_header at[3];
    struct pf_headers headers = {.at = at};

    record->timestamp = w->now_ms++;
    record->value = text;
    record->value_len = text ? strlen(text) : 0;
    record->headers = &headers;
    record->header_at = pf_headers_at;
    for (int i = 0; i < 3; i++)
        if (values[i])
            at[headers.n++] = (struct pf_header){names[i], values[i],
                                                 strlen(values[i])};
    assert_int_equal(pf_topic_add(&w->topic, record, &w->err), PF_OK);
}

/** The next record of the topic's only partition. */
static inline void put(struct world *w, const char *run, const char *seq,
                       const char *ts, const char *text)
{
    put_record(w, &(struct pf_record){.offset = w->offset++}, run, seq, ts,
               text);
}

/** Record number seq of run r1, with headers. */
static inline void rec(struct world *w, uint64_t seq)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, seq);
    put(w, "r1", text, NULL, value(seq));
}

/** Records from .. to - 1 of run r1, headers on the first alone. */
static inline void recs(struct world *w, uint64_t from, uint64_t to)
{
    rec(w, from);
    while (++from < to)
        put(w, NULL, NULL, NULL, value(from));
}

/** Text for the ledger. */
__attribute__((format(printf, 2, 3))) static inline void
say(struct world *w, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vfprintf(w->ledger_file, fmt, args);
    va_end(args);
}

static inline void say_run(struct world *w, const char *run, uint64_t first)
{
    say(w, "run %s topic t partition 0 first %" PRIu64 " time 1\n", run, first);
}

/** `sent` of from .. to - 1. */
static inline void say_sent(struct world *w, uint64_t from, uint64_t to)
{
    say(w, "sent %" PRIu64 " %" PRIu64 " 1000 ", from, to - from);
    for (uint64_t i = from; i < to; i++) {
        const char *text = value(i);

        say(w, "%08lx%c", crc32(0, (const void *)text, (uInt)strlen(text)),
            i + 1 < to ? ',' : '\n');
    }
}

/** `acked`, at the offset that equals the number plus shift. */
static inline void say_acked(struct world *w, uint64_t from, uint64_t to,
                             int64_t shift)
{
    say(w, "acked %" PRIu64 " %" PRIu64 " %" PRId64 " 3000\n", from, to - from,
        (int64_t)from + shift);
}

static inline enum pf_rc read_ledger(struct world *w)
{
    FILE *in;
    enum pf_rc rc;

    fflush(w->ledger_file);
    in = fmemopen(w->ledger, w->ledger_len, "r");
    rc = pf_book_read(&w->book, in, "ledger", &w->err);
    fclose(in);
    return rc;
}

/** A line of the console. */
static inline void print(struct world *w, const char *text)
{
    assert_int_equal(pf_lines_add(&w->lines, text, strlen(text), 0, &w->err),
                     PF_OK);
    assert_int_equal(pf_lines_add(&w->lines, "\n", 1, 0, &w->err), PF_OK);
}

static inline void prints(struct world *w, uint64_t from, uint64_t to)
{
    for (; from < to; from++)
        print(w, value(from));
}

/** Compare all; the ledger is read before if there is one. */
static inline enum pf_rc check(struct world *w)
{
    enum pf_rc rc = PF_OK;

    fflush(w->ledger_file);
    if (w->ledger_len)
        assert_int_equal(read_ledger(w), PF_OK);
    w->check.topic = &w->topic;
    w->check.book = &w->book;
    w->check.lines = w->lines.crcs.n ? &w->lines : NULL;
    if (!w->check.read_ns)
        w->check.read_ns = INT64_MAX;
    rc = pf_check_run(&w->check, &w->err);
    return rc;
}

/** Require exactly these findings, a line each: "lost 5\n". */
static inline void expect(struct world *w, const char *findings)
{
    size_t len = 0;

    if (check(w))
        fail_msg("%s", w->err.text);
    w->found[0] = '\0';
    for (size_t i = 0; i < w->check.findings.list.n; i++) {
        const struct pf_finding *f = &w->check.findings.list.at[i];

        for (uint64_t k = 0; k < f->n && len < sizeof w->found - 60; k++)
            len += (size_t)snprintf(
                w->found + len, sizeof w->found - len, "%s %" PRIu64 "\n",
                pf_finding_texts[f->kind].word, f->sequence + k);
    }
    assert_string_equal(w->found, findings);
    assert_int_equal(w->check.valid, !*findings);
}

#endif
