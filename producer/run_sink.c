#include "run_sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "headers.h"
#include "kafka_conf.h"

/* Most records without a known fate, with a ledger. */
#define WINDOW_MAX 1000000

/* The headers of one record; two of their values are in number and time. */
struct stamp {
    struct pf_headers headers;
    struct pf_header at[3];
    char number[24], time[24];
};

struct run_sink {
    struct pf_sink base;
    struct pf_sink *inner;
    struct pf_run_target target;

    uint64_t taken, reported; /* records */
    int64_t misplaced;        /* the first record's offset; -1: as expected */

    /* With a ledger: the number of each record without a known fate, by how
     * many were taken before it, modulo window. */
    uint64_t *numbers;
    uint64_t window;

    /* Room for the records that get headers: a batch, or only its first. */
    struct pf_record *records;
    struct stamp *stamps;
};

static void on_report(void *context, const struct pf_report *report)
{
    struct run_sink *s = context;

    /* If a response was lost and the request sent again, there is no offset. */
    if (!report->number && !report->fate && report->offset >= 0 &&
        s->target.first_offset >= 0 && report->offset != s->target.first_offset)
        s->misplaced = report->offset;
    s->reported++;
    if (s->target.ledger)
        pf_ledger_fate(s->target.ledger, s->numbers[report->number % s->window],
                       report);
}

/*
 * How many of the n records to write next: consecutive ones, at most a batch,
 * and with a ledger at most what there is room for. 0: wait for reports.
 */
static size_t count_next(const struct run_sink *s,
                         const struct pf_record *records, size_t n)
{
    uint64_t room = s->window - (s->taken - s->reported);
    size_t i;

    if (s->target.first_offset >= 0 && !s->reported)
        return !s->taken; /* wait until the first has arrived */
    if (n > PF_RUN_SINK_BATCH)
        n = PF_RUN_SINK_BATCH;
    if (s->target.ledger && n > room)
        n = (size_t)room;
    for (i = 1; i < n; i++)
        if (records[i].offset != records[i - 1].offset + 1)
            break;
    return i < n ? i : n;
}

/* A copy of *record with headers, the one at index i. */
static void stamp(struct run_sink *s, size_t i, const struct pf_record *record)
{
    struct stamp *stamp = &s->stamps[i];
    int64_t made_ns = record->made_ns ? record->made_ns : pf_wall_ns();
    int number_len = snprintf(stamp->number, sizeof stamp->number, "%" PRId64,
                              record->offset);
    int time_len = snprintf(stamp->time, sizeof stamp->time, "%" PRId64,
                            made_ns);

    stamp->at[0] = (struct pf_header){PF_HEADER_RUN, s->target.run,
                                      strlen(s->target.run)};
    stamp->at[1] = (struct pf_header){PF_HEADER_NUMBER, stamp->number,
                                      (size_t)number_len};
    stamp->at[2] = (struct pf_header){PF_HEADER_TIME, stamp->time,
                                      (size_t)time_len};
    stamp->headers = (struct pf_headers){.at = stamp->at, .n = 3};
    s->records[i] = *record;
    s->records[i].headers = &stamp->headers;
    s->records[i].header_at = pf_headers_at;
}

/* Write n records, with headers in the first or in all. */
static enum pf_rc write_stamped(struct run_sink *s,
                                const struct pf_record *records, size_t n,
                                uint64_t ticket, size_t *ret_taken,
                                struct pf_error *err)
{
    size_t stamped = s->target.every_header ? n : 1, more = 0;
    enum pf_rc rc;

    for (size_t i = 0; i < stamped; i++)
        stamp(s, i, &records[i]);
    rc = s->inner->ops->write(s->inner, s->records, stamped, ticket, ret_taken,
                              err);
    if (!rc && stamped < n)
        rc = s->inner->ops->write(s->inner, records + stamped, n - stamped,
                                  ticket, &more, err);
    *ret_taken += more;
    return rc;
}

static enum pf_rc run_write(struct pf_sink *base,
                            const struct pf_record *records, size_t n,
                            uint64_t ticket, size_t *ret_taken,
                            struct pf_error *err)
{
    struct run_sink *s = (struct run_sink *)base;
    enum pf_rc rc = PF_OK;

    *ret_taken = 0;
    while (*ret_taken < n && !rc) {
        const struct pf_record *next = records + *ret_taken;
        size_t size = count_next(s, next, n - *ret_taken), taken = 0;

        if (!size)
            return PF_AGAIN;
        rc = pf_ledger_enter(s->target.ledger, next, size, err);
        if (rc)
            return rc;
        if (s->target.ledger)
            for (size_t i = 0; i < size; i++)
                s->numbers[(s->taken + i) % s->window] =
                    (uint64_t)next[i].offset;
        rc = write_stamped(s, next, size, ticket, &taken, err);
        pf_ledger_taken(s->target.ledger, taken);
        s->taken += taken;
        *ret_taken += taken;
    }
    return rc;
}

static enum pf_rc run_flush(struct pf_sink *base, int timeout_ms,
                            struct pf_arrival *ret, struct pf_error *err)
{
    struct run_sink *s = (struct run_sink *)base;
    enum pf_rc rc = s->inner->ops->flush(s->inner, timeout_ms, ret, err), kept;

    if (rc == PF_FATAL)
        return rc;
    kept = pf_ledger_flush(s->target.ledger, err);
    if (kept)
        return kept;
    if (s->misplaced >= 0)
        return pf_fail(err, PF_FATAL,
                       "the record with which run %s goes on came to offset "
                       "%" PRId64 " of %s [%" PRId32 "] and not to %" PRId64
                       ": somebody else writes to this topic, or this run's "
                       "previous producer still did",
                       s->target.run, s->misplaced, s->target.topic,
                       s->target.partition, s->target.first_offset);
    return rc;
}

static void run_last(struct pf_sink *base)
{
    struct run_sink *s = (struct run_sink *)base;

    s->inner->ops->last(s->inner);
}

struct pf_delivery pf_run_sink_give_up(struct pf_sink *base)
{
    struct run_sink *s = (struct run_sink *)base;
    struct pf_delivery delivery = pf_kafka_sink_give_up(s->inner);

    pf_ledger_flush(s->target.ledger, NULL);
    return delivery;
}

static void run_close(struct pf_sink *base)
{
    struct run_sink *s = (struct run_sink *)base;

    pf_sink_close(s->inner);
    free(s->numbers);
    free(s->records);
    free(s->stamps);
    free(s);
}

static const struct pf_sink_ops run_ops = {
    .write = run_write,
    .flush = run_flush,
    .last = run_last,
    .close = run_close,
};

enum pf_rc pf_run_sink_open(rd_kafka_conf_t *conf,
                            const struct pf_run_target *target,
                            struct pf_sink **ret, struct pf_error *err)
{
    uint64_t queue = pf_kafka_conf_uint(conf, "queue.buffering.max.messages");
    size_t stamped = target->every_header ? PF_RUN_SINK_BATCH : 1;
    struct run_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (s) {
        s->base.ops = &run_ops;
        s->target = *target;
        s->misplaced = -1;
        s->window = queue && queue < WINDOW_MAX ? queue : WINDOW_MAX;
        s->records = calloc(stamped, sizeof *s->records);
        s->stamps = calloc(stamped, sizeof *s->stamps);
        s->numbers = calloc(target->ledger ? s->window : 1, sizeof *s->numbers);
    }
    if (!s || !s->records || !s->stamps || !s->numbers) {
        rd_kafka_conf_destroy(conf);
        rc = pf_fail(err, PF_NOMEM, "kafka: out of memory");
    } else {
        rc = pf_kafka_sink_open(
            conf,
            &(struct pf_kafka_target){
                .topic = target->topic, .on_report = on_report, .context = s},
            &s->inner, err);
    }
    if (!rc)
        *ret = &s->base;
    else if (s)
        run_close(&s->base);
    return rc;
}
