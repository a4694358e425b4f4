/* Any ledger, console and headers, of one partition or of several: an audit of
 * them ends, and its counts add up. The parts are divided by NULs: the ledger,
 * the console, then a number for each record of the topic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTITIONS 3

struct world {
    struct pf_runs runs;
    struct pf_topic topic;
    struct pf_book book;
    struct pf_lines lines;
    struct pf_check check;
};

/* All records are of one run; headers is the text of a number. */
static bool header_at(const void *headers, size_t i, struct pf_header *ret)
{
    static const char *const names[] = {"run", "seq"};

    if (i == 2)
        return false;
    *ret = (struct pf_header){.name = names[i], .value = i ? headers : "r"};
    ret->len = strlen(ret->value);
    return true;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Whether each record that was sent has one fate. */
static void check_book(const struct pf_book *b)
{
    must(b->n_ended[PF_END_ACKED] + b->n_ended[PF_END_FAILED] +
             b->n_ended[PF_END_UNKNOWN] + b->n_killed + b->n_unaccounted ==
         b->crcs.n);
    must(b->ends.n == b->crcs.n);
}

static void check_findings(const struct pf_check *c)
{
    uint64_t counts[PF_FINDING_KINDS] = {0};

    for (size_t i = 0; i < c->findings.list.n; i++)
        counts[c->findings.list.at[i].kind] += c->findings.list.at[i].n;
    for (int i = 0; i < PF_FINDING_KINDS; i++)
        must(counts[i] == c->findings.counts[i] ||
             c->findings.counts[i] == UINT64_MAX);
    must(c->printed + c->unprinted <= c->topic->n);
}

/* The ith record. */
static void put(struct world *w, const char *number, int64_t i)
{
    char text[64];
    int len = snprintf(text, sizeof text, "{\"match\": 1%02d, \"price\": 4.56}",
                       (int)(i % 7));
    struct pf_record record = {.partition = (int32_t)(i % PARTITIONS),
                               .offset = i,
                               .timestamp = i,
                               .key = number,
                               .key_len = strlen(number) / 2,
                               .value = text,
                               .value_len = (size_t)len,
                               .headers = number,
                               .header_at = header_at};

    must(!pf_topic_add(&w->topic, &record, NULL));
}

static void compare(struct world *w)
{
    struct pf_error err;
    enum pf_rc rc;

    check_book(&w->book);
    w->check = (struct pf_check){.topic = &w->topic,
                                 .book = &w->book,
                                 .lines = &w->lines,
                                 .read_ns = 100};
    rc = pf_check_run(&w->check, &err);
    must(!rc || rc == PF_UNDECIDED);
    if (!rc)
        check_findings(&w->check);
}

/* Compare them; parts are those of the text up to end. */
static void audit(const char *at, const char *end, int64_t partition)
{
    static char topic[] = "t", run[] = "run", seq[] = "seq";
    struct pf_feed feed = {.topic = topic,
                           .partition = partition,
                           .run_header = run,
                           .seq_header = seq,
                           .time_header = seq,
                           .from_zero = true,
                           .late_ms = 1,
                           .silence_ms = 1};
    struct world w = {0};
    enum pf_rc rc = PF_OK;

    w.topic = pf_topic_init(&feed, &w.runs);
    w.topic.keep_times = true;
    w.topic.keep_matches = w.lines.keep_matches = w.topic.all;
    w.book = pf_book_init(&feed, &w.runs);
    w.book.slices = w.topic.all ? PARTITIONS : 1;
    must(!pf_topic_open(&w.topic, w.book.slices, NULL));
    if (*at) {
        FILE *in = fmemopen((char *)at, strlen(at), "r");
        struct pf_error err;

        rc = pf_book_read(&w.book, in, "l", &err);
        fclose(in);
    }
    at += strlen(at) + 1;
    must(!pf_lines_add(&w.lines, at, strlen(at), 0, NULL));
    at += strlen(at) + 1;
    for (int64_t i = 0; at < end && i < 1000; i++) {
        put(&w, at, i);
        at += strlen(at) + 1;
    }
    if (!rc)
        compare(&w);
    pf_check_release(&w.check);
    pf_lines_release(&w.lines);
    pf_book_release(&w.book);
    pf_topic_release(&w.topic);
    pf_runs_release(&w.runs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 2);

    memcpy(text, data, size);
    text[size] = text[size + 1] = '\0'; /* two parts at least */
    audit(text, text + size, 0);
    audit(text, text + size, PF_ALL_PARTITIONS);
    free(text);
    return 0;
}
