#include "run_sink.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kafka_conf.h"
#include "stamp.h"

/* Most records without a known fate, with a ledger. */
#define WINDOW_MAX 1000000

#define KNOWN UINT64_MAX /* instead of the number of a record with a fate */

/* The first record of a place. */
struct first {
    enum { DUE, SENT, ARRIVED } state;
    uint64_t number; /* of records that were taken before it */
};

struct run_sink {
    struct pf_sink base;
    struct pf_sink *inner;
    struct pf_run_target target;

    uint64_t taken; /* records */
    /* One for each place; how many of them have not arrived; and one that came
     * to another offset. */
    struct first *firsts;
    size_t waiting;
    const struct pf_place *misplaced; /* NULL: none */
    int64_t misplaced_to;

    /* With a ledger: the number of each record from oldest on, which has no
     * known fate, by how many were taken before it, modulo window. After end,
     * no fate is known. */
    uint64_t *numbers;
    uint64_t window, oldest, end;

    struct pf_stamps stamps; /* for a batch, or only its first record */
};

/* The index of a partition's place. */
static size_t place_of(const struct run_sink *s, int32_t partition)
{
    return s->target.partition == PF_BY_KEY ? (size_t)partition : 0;
}

/* Is this the first record of its place? Then the place is open, if it is where
 * it should be. */
static void look_for_first(struct run_sink *s, const struct pf_report *report)
{
    size_t i = place_of(s, report->partition);
    const struct pf_place *place = &s->target.places[i];
    struct first *first = &s->firsts[i];

    if (first->state != SENT || first->number != report->number)
        return;
    /* If a response was lost and the request sent again, there is no offset. */
    if (report->offset >= 0 && report->offset != place->offset) {
        s->misplaced = place;
        s->misplaced_to = report->offset;
    } else {
        first->state = ARRIVED;
        s->waiting--;
    }
}

/* Enter the fate of a record in the ledger. */
static void enter_fate(struct run_sink *s, const struct pf_report *report)
{
    uint64_t *number = &s->numbers[report->number % s->window];

    pf_ledger_fate(s->target.ledger, *number, report);
    *number = KNOWN;
    if (report->number >= s->end)
        s->end = report->number + 1;
    while (s->oldest < s->end && s->numbers[s->oldest % s->window] == KNOWN)
        s->oldest++;
}

static void on_report(void *context, const struct pf_report *report)
{
    struct run_sink *s = context;

    if (s->waiting && !report->fate)
        look_for_first(s, report);
    if (s->target.ledger)
        enter_fate(s, report);
}

/* How many of the n records can go before the first one of a partition has
 * arrived. Such a first one goes alone. */
static size_t count_open(const struct run_sink *s,
                         const struct pf_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t place = place_of(s, records[i].partition);

        if (s->firsts[place].state != ARRIVED)
            return i ? i : s->firsts[place].state == DUE;
    }
    return n;
}

/* How many of the n records to write next: at most a batch; consecutive ones,
 * if the ledger or headers count them; and with a ledger at most what there is
 * room for. 0: wait for reports. */
static size_t count_next(const struct run_sink *s,
                         const struct pf_record *records, size_t n)
{
    uint64_t room = s->window - (s->taken - s->oldest);
    size_t i;

    if (n > PF_RUN_SINK_BATCH)
        n = PF_RUN_SINK_BATCH;
    if (s->waiting)
        n = count_open(s, records, n);
    if (s->target.ledger && n > room)
        n = (size_t)room;
    if (s->target.every_header && !s->target.ledger)
        return n;
    for (i = 1; i < n; i++)
        if (records[i].offset != records[i - 1].offset + 1)
            break;
    return i < n ? i : n;
}

/* Write n records, with headers in the first or in all. */
static enum pf_rc write_stamped(struct run_sink *s,
                                const struct pf_record *records, size_t n,
                                uint64_t ticket, size_t *ret_taken,
                                struct pf_error *err)
{
    size_t stamped = s->target.every_header ? n : 1, more = 0;
    const struct pf_record *first = pf_stamp(&s->stamps, records, stamped);
    enum pf_rc rc = s->inner->ops->write(s->inner, first, stamped, ticket,
                                         ret_taken, err);

    if (!rc && stamped < n)
        rc = s->inner->ops->write(s->inner, records + stamped, n - stamped,
                                  ticket, &more, err);
    *ret_taken += more;
    return rc;
}

/* Write size records, and note them before their reports can come. */
static enum pf_rc write_noted(struct run_sink *s,
                              const struct pf_record *records, size_t size,
                              uint64_t ticket, size_t *ret_taken,
                              struct pf_error *err)
{
    size_t place = place_of(s, records->partition);
    bool opens = s->waiting && s->firsts[place].state == DUE;
    enum pf_rc rc;

    if (opens)
        s->firsts[place] = (struct first){.state = SENT, .number = s->taken};
    if (s->target.ledger)
        for (size_t i = 0; i < size; i++)
            s->numbers[(s->taken + i) % s->window] =
                (uint64_t)records[i].offset;
    rc = write_stamped(s, records, size, ticket, ret_taken, err);
    if (opens && !*ret_taken)
        s->firsts[place].state = DUE;
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

        if (!size) {
            /* For the first of its partition; not for linger. */
            if (s->waiting &&
                s->firsts[place_of(s, next->partition)].state == SENT)
                s->inner->ops->last(s->inner);
            return PF_AGAIN;
        }
        rc = pf_ledger_enter(s->target.ledger, next, size, err);
        if (rc)
            return rc;
        rc = write_noted(s, next, size, ticket, &taken, err);
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
    if (s->misplaced)
        return pf_fail(err, PF_FATAL,
                       "the record with which run %s goes on came to offset "
                       "%" PRId64 " of %s [%" PRId32 "] and not to %" PRId64
                       ": somebody else writes to this topic, or this run's "
                       "previous producer still did",
                       s->target.run, s->misplaced_to, s->target.topic,
                       s->misplaced->partition, s->misplaced->offset);
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
    free(s->firsts);
    free(s->numbers);
    pf_stamps_release(&s->stamps);
    free(s);
}

static const struct pf_sink_ops run_ops = {
    .write = run_write,
    .flush = run_flush,
    .last = run_last,
    .close = run_close,
};

/* Make room for what the sink notes. False: memory ran out. */
static bool make_room(struct run_sink *s, uint64_t queue)
{
    size_t stamped = s->target.every_header ? PF_RUN_SINK_BATCH : 1;

    s->window = queue && queue < WINDOW_MAX ? queue : WINDOW_MAX;
    s->firsts = calloc(s->target.n_places + 1, sizeof *s->firsts);
    s->numbers = calloc(s->target.ledger ? s->window : 1, sizeof *s->numbers);
    if (!pf_stamps_init(&s->stamps, s->target.run, stamped) || !s->firsts ||
        !s->numbers)
        return false;
    for (size_t i = 0; i < s->target.n_places; i++)
        if (s->target.places[i].offset < 0)
            s->firsts[i].state = ARRIVED; /* wherever it does */
        else
            s->waiting++;
    return true;
}

enum pf_rc pf_run_sink_open(rd_kafka_conf_t *conf,
                            const struct pf_run_target *target,
                            struct pf_sink **ret, struct pf_error *err)
{
    uint64_t queue = pf_kafka_conf_uint(conf, "queue.buffering.max.messages");
    struct run_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (s) {
        s->base.ops = &run_ops;
        s->target = *target;
    }
    if (!s || !make_room(s, queue)) {
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
