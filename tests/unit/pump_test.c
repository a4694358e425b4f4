/* The pump, between a source, a filter and a sink that do as they are told. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "clock.h"
#include "dead_letters.h"
#include "pump.h"
#include "stop.h"

#define NEVER UINT64_MAX

/* Gives records 0 .. total - 1, one batch a read; each ends at a multiple of
 * its size, or where the partitions change. */
struct fake_source {
    struct pf_source base;
    uint64_t total, batch;
    uint64_t quiet_every; /* PF_AGAIN after this many reads; 0: never */
    uint64_t fail_at;     /* fail when this record's turn comes */
    bool endless;         /* PF_AGAIN, not PF_END, after the last */
    int64_t tail;         /* offsets after the last that are not records */

    uint64_t given, reads, ticket;
    int64_t committed, before; /* -1: nothing yet; and until then */
    struct fake_sink *sink;
    bool splits;  /* the splitter makes two of each */
    bool refuses; /* each fifth */
    struct pf_refusal refusals[100];

    uint64_t change_at; /* the partitions change when this many are given */
    struct pf_partition come[2];
    bool gives; /* they go, and do not come */
    bool loses; /* they have gone */
    struct pf_change change;
    const char *topic;  /* of its records */
    unsigned changes;   /* how many were asked for, */
    unsigned settled;   /* and how many are settled */
    uint64_t under_way; /* records, when the last one was, */
    int64_t through;    /* and what was committed then */
    struct pf_record records[100];
};

/* Takes records, checks their order, and lets them arrive. */
struct fake_sink {
    struct pf_sink base;
    uint64_t room;      /* most records that have not arrived */
    uint64_t per_flush; /* how many arrive with each flush */
    uint64_t stuck_at;  /* nothing arrives after this many */
    bool stops_there;   /* SIGTERM then */
    uint64_t gathers;   /* this many wait for more until the last is taken */
    uint64_t fail_write_at, fail_flush_at; /* fail when this many are taken */
    enum pf_rc flush_rc;                   /* the latter's outcome */
    uint64_t stop_at; /* SIGTERM when this many are taken */
    uint64_t full_at; /* no room for more than this many in all */
    uint64_t questions, fail_at_question; /* for positions */
    uint64_t gap, gap_end; /* the records that arrive only when */
    uint64_t gap_until;    /* this many are taken */

    struct pf_tickets tickets;
    bool here[10000]; /* what has arrived of all that was taken */
    bool last;        /* it was told that the last is taken */
    unsigned aborts;
    uint64_t taken, arrived, flushes;
    uint64_t letters;       /* how many of these are dead letters */
    int64_t offsets[10000]; /* of all that was taken */
};

/* Refuses some records. */
struct fake_filter {
    struct pf_filter base;
    uint64_t bad_every; /* record 0 is good */
    uint64_t first_bad;
    int64_t fails_at; /* from this offset on; 0: not */
    struct pf_record records[100];
    uint32_t from[100];
    struct pf_refusal refusals[100];
};

/* Does a batch that has n records already get one more? */
static bool goes_on(const struct fake_source *s, size_t n)
{
    return s->given < s->total && s->given != s->fail_at &&
           (s->settled || s->given < s->change_at) &&
           (!n || s->given % s->batch);
}

static enum pf_rc fake_read(struct pf_source *base, int timeout_ms,
                            struct pf_batch *ret, struct pf_error *err)
{
    struct fake_source *s = (struct fake_source *)base;

    (void)timeout_ms;
    *ret = (struct pf_batch){0};
    s->reads++;
    if (s->given >= s->change_at && !s->settled) {
        s->change = (struct pf_change){.come = s->come,
                                       .gone = s->come,
                                       .n_come = s->gives ? 0 : 2,
                                       .n_gone = s->gives ? 2 : 0,
                                       .lost = s->loses,
                                       .deadline_ms = pf_now_ms() + 30};
        s->changes++;
        return PF_SETTLE;
    }
    if (s->given == s->fail_at)
        return pf_fail(err, PF_IO, "the source broke");
    if (s->quiet_every && s->reads % s->quiet_every == 0)
        return PF_AGAIN;
    while (goes_on(s, ret->n))
        s->records[ret->n++] = (struct pf_record){.topic = s->topic,
                                                  .partition = 2,
                                                  .offset = (int64_t)s->given++,
                                                  .value = "x",
                                                  .value_len = 1};
    ret->records = s->records;
    ret->refusals = s->refusals;
    for (size_t i = 0; s->refuses && i < ret->n; i++)
        if (s->records[i].offset % 5 == 0) {
            s->records[i].topic = "lines";
            s->records[i].partition = -1;
            s->refusals[ret->n_refused++] = (struct pf_refusal){
                .record = &s->records[i],
                .kind = "line",
                .reason = {.text = "no line"}};
        }
    s->ticket += ret->n;
    ret->ticket = s->ticket;
    if (ret->n)
        return PF_OK;
    if (s->tail) {
        ret->ticket = s->ticket += s->tail;
        s->tail = 0;
        return PF_OK;
    }
    return s->endless ? PF_AGAIN : PF_END;
}

static void fake_commit(struct pf_source *base, uint64_t ticket)
{
    struct fake_source *s = (struct fake_source *)base;
    const struct fake_sink *sink = s->sink;
    int64_t upto = (int64_t)ticket; /* record i has ticket i + 1 */

    if (s->splits)
        upto *= 2; /* the splitter's numbers */
    /* Forward only, and never ahead of what has arrived. */
    assert_true((int64_t)ticket > s->committed);
    for (uint64_t i = 0; i < sink->taken; i++)
        assert_true(sink->here[i] || sink->offsets[i] >= upto);
    s->before = s->committed;
    s->committed = (int64_t)ticket;
}

static struct pf_change *fake_change(struct pf_source *base)
{
    return &((struct fake_source *)base)->change;
}

static void fake_settled(struct pf_source *base)
{
    struct fake_source *s = (struct fake_source *)base;

    s->settled++;
    s->under_way = s->sink->taken - s->sink->arrived;
    s->through = s->committed;
}

static const struct pf_source_ops source_ops = {.read = fake_read,
                                                .commit = fake_commit,
                                                .change = fake_change,
                                                .settled = fake_settled};
static const struct pf_source_ops forgetful_ops = {.read = fake_read};

/* And wait until it is known, as a thread takes signals. */
static void ask_to_stop(void)
{
    kill(getpid(), SIGTERM);
    while (!pf_stop_asked())
        poll(NULL, 0, 1);
}

static enum pf_rc take(struct fake_sink *s, const struct pf_record *records,
                       size_t n, size_t *ret_taken, struct pf_error *err)
{
    for (*ret_taken = 0; *ret_taken < n; ++*ret_taken) {
        if (s->taken == s->fail_write_at)
            return pf_fail(err, PF_FATAL, "the sink broke");
        if (s->taken - s->arrived == s->room || s->taken == s->full_at)
            return PF_AGAIN;
        assert_true(s->taken < COUNT(s->offsets));
        assert_true(s->taken == 0 ||
                    records[*ret_taken].offset > s->offsets[s->taken - 1]);
        s->offsets[s->taken++] = records[*ret_taken].offset;
        s->letters += pf_dead_letter_is(&records[*ret_taken]);
        if (s->taken == s->stop_at)
            ask_to_stop();
    }
    return PF_OK;
}

static enum pf_rc fake_write(struct pf_sink *base,
                             const struct pf_record *records, size_t n,
                             uint64_t ticket, size_t *ret_taken,
                             struct pf_error *err)
{
    struct fake_sink *s = (struct fake_sink *)base;
    enum pf_rc rc = take(s, records, n, ret_taken, err);

    pf_tickets_take(&s->tickets, ticket, *ret_taken);
    return rc;
}

/* That record arrives, unless it has. */
static void arrive(struct fake_sink *s, uint64_t number)
{
    if (s->here[number])
        return;
    s->here[number] = true;
    s->arrived++;
    pf_tickets_arrive(&s->tickets, number, 1);
}

static enum pf_rc fake_flush(struct pf_sink *base, int timeout_ms,
                             struct pf_arrival *ret, struct pf_error *err)
{
    struct fake_sink *s = (struct fake_sink *)base;
    uint64_t wait = s->last || s->taken < s->gathers ? 0 : s->gathers;
    uint64_t left = s->taken - s->arrived - wait;
    uint64_t end = s->arrived + (left < s->per_flush ? left : s->per_flush);
    bool fails = s->taken >= s->fail_flush_at;

    assert_true(s->flushes++ < 1000000);
    while (s->arrived < end && s->arrived < s->stuck_at)
        arrive(s, s->arrived);
    *ret = pf_tickets_arrival(&s->tickets);
    if (fails)
        return pf_fail(err, s->flush_rc, "the flush broke");
    if (s->arrived == s->taken)
        return PF_OK;
    if (s->arrived == s->stuck_at && s->stops_there && !pf_stop_asked())
        ask_to_stop();
    if (s->arrived == s->stuck_at)
        pf_wait(-1, 0, timeout_ms);
    return PF_AGAIN;
}

static void fake_last(struct pf_sink *base)
{
    struct fake_sink *s = (struct fake_sink *)base;

    assert_false(s->last);
    s->last = true;
}

static const struct pf_sink_ops sink_ops = {
    .write = fake_write, .flush = fake_flush, .last = fake_last};

static void pass(struct fake_filter *f, const struct pf_record *records,
                 size_t i, struct pf_output *out)
{
    f->from[out->n] = (uint32_t)i;
    f->records[out->n++] = records[i];
}

static enum pf_rc fake_apply(struct pf_filter *base,
                             const struct pf_record *records, size_t n,
                             struct pf_filtered *ret, struct pf_error *err)
{
    struct fake_filter *f = (struct fake_filter *)base;

    if (f->fails_at && records[0].offset >= f->fails_at)
        return pf_fail(err, PF_NOMEM, "the filter broke");
    *ret = (struct pf_filtered){
        .outputs = {{.records = f->records, .from = f->from}},
        .refusals = f->refusals};
    for (size_t i = 0; i < n; i++) {
        uint64_t offset = (uint64_t)records[i].offset;

        if (offset >= f->first_bad &&
            (offset - f->first_bad) % f->bad_every == 0)
            f->refusals[ret->n_refused++] = (struct pf_refusal){
                .record = &records[i],
                .kind = "odd",
                .reason = {.text = "it is odd"}};
        else
            pass(f, records, i, &ret->outputs[0]);
    }
    return PF_OK;
}

static const struct pf_filter_ops filter_ops = {.n_outputs = 1,
                                                .apply = fake_apply};

/* It keeps state of partitions, so that all of it is committed or nothing. */
static enum pf_rc fake_assigned(struct pf_filter *filter,
                                struct pf_partition *partition,
                                struct pf_error *err)
{
    (void)filter, (void)partition, (void)err;
    return PF_OK;
}

static const struct pf_filter_ops stateful_ops = {
    .n_outputs = 1, .apply = fake_apply, .assigned = fake_assigned};

/* Makes two records of each, and of each third one another for a second
 * output; may refuse each fifth. */
struct splitter {
    struct pf_filter base;
    bool refuses;
    struct pf_record records[200], side[100];
    uint32_t from[200], side_from[100];
    struct pf_refusal refusals[100];
};

static enum pf_rc split(struct pf_filter *base, const struct pf_record *records,
                        size_t n, struct pf_filtered *ret, struct pf_error *err)
{
    struct splitter *f = (struct splitter *)base;
    struct pf_output *main = &ret->outputs[0], *side = &ret->outputs[1];

    (void)err;
    *ret = (struct pf_filtered){
        .outputs = {{.records = f->records, .from = f->from},
                    {.records = f->side, .from = f->side_from}},
        .refusals = f->refusals};
    for (size_t i = 0; i < n; i++) {
        if (f->refuses && records[i].offset % 5 == 0) {
            f->refusals[ret->n_refused++] = (struct pf_refusal){
                .record = &records[i], .kind = "fifth"};
            continue;
        }
        for (int k = 0; k < 2; k++) {
            f->records[main->n] = records[i];
            f->records[main->n].offset = 2 * records[i].offset + k;
            f->from[main->n++] = (uint32_t)i;
        }
        if (records[i].offset % 3)
            continue;
        f->side_from[side->n] = (uint32_t)i;
        f->side[side->n++] = records[i];
    }
    return PF_OK;
}

static const struct pf_filter_ops splitter_ops = {
    .n_outputs = 2,
    .apply = split,
};

/* All parts, and what they say on standard error. */
struct world {
    struct fake_source source;
    struct fake_sink sink, side, dead;
    struct fake_filter filter;
    struct splitter splitter;
    struct pf_pump pump;
    struct pf_error err;
    struct heard heard;
};

static int make_world(void **state)
{
    static const struct pf_metric metrics[] = {PF_PUMP_METRIC_ROWS};
    struct world *w = calloc(1, sizeof *w);

    if (!w || pf_stats_open("", metrics, COUNT(metrics), &w->pump.stats, NULL))
        return -1;
    w->source = (struct fake_source){.base = {.ops = &source_ops},
                                     .total = 1000,
                                     .batch = 10,
                                     .fail_at = NEVER,
                                     .change_at = NEVER,
                                     .committed = -1,
                                     .before = -1,
                                     .sink = &w->sink};
    w->sink = (struct fake_sink){.base = {.ops = &sink_ops},
                                 .room = NEVER,
                                 .per_flush = NEVER,
                                 .stuck_at = NEVER,
                                 .fail_write_at = NEVER,
                                 .fail_flush_at = NEVER,
                                 .stop_at = NEVER,
                                 .full_at = NEVER};
    w->side = w->dead = w->sink;
    w->splitter.base.ops = &splitter_ops;
    w->filter = (struct fake_filter){
        .base = {.ops = &filter_ops}, .bad_every = 7, .first_bad = 3};
    w->pump.source = &w->source.base;
    w->pump.sinks[0] = &w->sink.base;
    w->pump.commit_interval_ms = 100000; /* each test says when */
    w->pump.drain_ms = 20;
    *state = w;
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    pf_stats_close(w->pump.stats);
    free(w);
    return 0;
}

static enum pf_rc run(struct world *w)
{
    enum pf_rc rc;

    begin_to_listen(&w->heard);
    rc = pf_pump_run(&w->pump, &w->err);
    end_to_listen(&w->heard);
    return rc;
}

static void use_filter(struct world *w)
{
    w->pump.filter = &w->filter.base;
}

static void use_splitter(struct world *w)
{
    w->pump.filter = &w->splitter.base;
    w->pump.sinks[1] = &w->side.base;
    w->source.splits = true;
}

static void put_aside(struct world *w)
{
    w->pump.on_bad = PF_ON_BAD_DEAD_LETTER;
    w->pump.dead_letters = &w->dead.base;
    w->pump.dead_letters_in = "the dead letter office";
}

static uint64_t metric(const struct world *w, enum pf_pump_metric which)
{
    return *pf_stats_at(w->pump.stats, which);
}

static void moves_all_in_order_and_commits_the_end(void **state)
{
    struct world *w = *state;

    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 1000);
    assert_int_equal(w->sink.arrived, 1000);
    assert_int_equal(w->sink.offsets[999], 999);
    assert_int_equal(w->source.committed, 1000);

    assert_int_equal(metric(w, PF_PUMP_READ), 1000);
    assert_int_equal(metric(w, PF_PUMP_TAKEN), 1000);
    assert_int_equal(metric(w, PF_PUMP_ARRIVED), 1000);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 0);
    assert_int_equal(metric(w, PF_PUMP_FINISHED), 1);
    assert_true(metric(w, PF_PUMP_BEAT) > 0);
    assert_true(metric(w, PF_PUMP_ARRIVAL) > 0);
}

static void a_position_that_moves_without_a_record_waits_for_all(void **state)
{
    struct world *w = *state;

    w->source.tail = 3;
    w->sink.per_flush = 7; /* fake_commit() looks at what has arrived */
    w->filter.first_bad = 5000;
    use_filter(w);
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 1000);
    assert_int_equal(w->source.committed, 1003);
    assert_int_equal(metric(w, PF_PUMP_READ), 1000);
}

static void an_empty_source_is_not_a_failure(void **state)
{
    struct world *w = *state;

    w->source.total = 0;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->source.committed, -1);
    assert_int_equal(metric(w, PF_PUMP_FINISHED), 1);
}

static void needs_no_source_that_remembers(void **state)
{
    struct world *w = *state;

    w->source.base.ops = &forgetful_ops;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 1000);
}

static void flushes_when_the_source_is_caught_up(void **state)
{
    struct world *w = *state;

    w->source.quiet_every = 5;
    assert_int_equal(run(w), PF_OK);
    assert_true(w->sink.flushes >= 25);
    assert_int_equal(w->source.committed, 1000);
}

static void what_waits_for_more_goes_at_the_end(void **state)
{
    struct world *w = *state;

    w->sink.gathers = 7;
    assert_int_equal(run(w), PF_OK);
    assert_true(w->sink.last);
    assert_int_equal(w->sink.arrived, 1000);
    assert_int_equal(w->source.committed, 1000);
}

/* All arrives but a gap, as of a partition whose broker is slow. */
static enum pf_rc flush_around_gap(struct pf_sink *base, int timeout_ms,
                                   struct pf_arrival *ret, struct pf_error *err)
{
    struct fake_sink *s = (struct fake_sink *)base;

    (void)timeout_ms, (void)err;
    for (uint64_t i = 0; i < s->taken; i++)
        if (i < s->gap || i >= s->gap_end || s->taken >= s->gap_until)
            arrive(s, i);
    *ret = pf_tickets_arrival(&s->tickets);
    return s->arrived < s->taken ? PF_AGAIN : PF_OK;
}

static const struct pf_sink_ops gap_ops = {.write = fake_write,
                                           .flush = flush_around_gap};

/* Half of the second batch and half of the third are later than all others. */
static void what_arrives_after_a_gap_is_committed_with_it(void **state)
{
    struct world *w = *state;

    w->sink.base.ops = &gap_ops;
    w->sink.gap = 15;
    w->sink.gap_end = 25;
    w->sink.gap_until = w->source.fail_at = 500;
    w->pump.commit_interval_ms = 0;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->sink.arrived, 500);
    assert_int_equal(w->source.before, 10);
    assert_int_equal(w->source.committed, 500);
}

static void settles_each_interval_when_never_caught_up(void **state)
{
    struct world *w = *state;

    w->pump.commit_interval_ms = 0;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.flushes, 101); /* each batch, and the end */
}

static void a_full_sink_makes_the_source_wait(void **state)
{
    struct world *w = *state;

    w->sink.room = 3; /* less than a batch */
    w->sink.per_flush = 2;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 1000);
    assert_int_equal(w->source.committed, 1000);
}

static void a_source_that_has_ended_is_given_all_the_time(void **state)
{
    struct world *w = *state;

    w->sink.per_flush = 1;
    w->pump.drain_ms = 0; /* time limit after a stop; none was asked for */
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 1000);
}

/* A run of which latencies are counted; returns how many there are. */
static uint64_t count_latencies(struct world *w, enum pf_rc wanted)
{
    struct pf_histogram histogram = {0};

    assert_int_equal(pf_latency_new(&histogram, &w->pump.latency, NULL), PF_OK);
    assert_int_equal(run(w), wanted);
    pf_latency_free(w->pump.latency);
    return histogram.n;
}

static void what_arrives_is_counted_by_how_late_it_does(void **state)
{
    struct world *w = *state;

    w->sink.room = 3; /* less than a batch */
    w->sink.per_flush = 2;
    w->filter.bad_every = 10;
    w->filter.first_bad = 0;
    use_filter(w);
    put_aside(w);
    assert_int_equal(count_latencies(w, PF_OK), 900); /* no dead letter */
}

static void what_does_not_arrive_is_not_late(void **state)
{
    struct world *w = *state;

    w->sink.stuck_at = 42;
    w->sink.fail_write_at = 500;
    assert_int_equal(count_latencies(w, PF_FATAL), 42);
}

static void ends_at_the_limit_in_the_middle_of_a_batch(void **state)
{
    struct world *w = *state;

    w->pump.limit = 25;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 25);
    assert_int_equal(w->source.committed, 25);
    assert_int_equal(metric(w, PF_PUMP_FINISHED), 1);
}

static void ends_at_the_limit_at_the_end_of_a_batch(void **state)
{
    struct world *w = *state;

    w->pump.limit = 30;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 30);
    assert_int_equal(w->source.committed, 30);
    assert_int_equal(w->source.given, 30); /* nothing read for nothing */
}

static void skips_bad_records_for_good(void **state)
{
    struct world *w = *state;

    use_filter(w);
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived + metric(w, PF_PUMP_REFUSED), 1000);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 143);
    assert_int_equal(w->source.committed, 1000);
    assert_contains(w->heard.text, "skipped the record at offset 3, odd: "
                                   "it is odd: x");
    /* Said once, not 143 times. */
    assert_null(strstr(w->heard.text, "offset 10"));
}

static void passes_a_batch_of_nothing_but_bad_records(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.bad_every = 1;
    w->filter.first_bad = 0;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 0);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 1000);
    assert_int_equal(w->source.committed, 1000);
}

static void the_limit_counts_good_records_and_stops_after_the_last(void **state)
{
    struct world *w = *state;

    /* 0 1 2 (3) 4 5 6 7 8 9 (10): record 9 is the ninth good one. */
    use_filter(w);
    w->source.batch = 20;
    w->pump.limit = 9;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 9);
    assert_int_equal(w->sink.offsets[8], 9);
    assert_int_equal(w->source.committed, 10);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 1); /* not the next time's */
}

static void stops_before_a_bad_record_when_told(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.first_bad = 14;
    w->source.topic = "prices";
    w->pump.on_bad = PF_ON_BAD_STOP;
    assert_int_equal(run(w), PF_FORMAT);
    assert_int_equal(w->sink.arrived, 14);
    assert_int_equal(w->source.committed, 14);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 1);
    assert_string_equal(w->err.text,
                        "the record at offset 14 of prices [2] is "
                        "bad, odd: it is odd (feed.on.bad = stop)");
}

/* The filter has seen what comes after it, so that no position can go with what
 * it knows; and a limit that is reached before it is none then. */
static void
with_a_filter_that_keeps_state_nothing_of_its_batch_is_written(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.base.ops = &stateful_ops;
    w->filter.first_bad = 14;
    w->pump.limit = 12;
    w->pump.on_bad = PF_ON_BAD_STOP;
    assert_int_equal(run(w), PF_FORMAT);
    assert_int_equal(w->sink.arrived, 10); /* the batch before */
    assert_int_equal(w->source.committed, -1);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 1);
    assert_contains(w->err.text, "offset 14 is bad, odd: ");
}

static void a_bad_record_is_named_with_its_topic_and_partition(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->source.topic = "prices";
    assert_int_equal(run(w), PF_OK);
    assert_contains(w->heard.text,
                    "skipped the record at offset 3 of prices [2], odd: ");
}

static void dead_letters_have_a_sink_of_their_own(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->source.topic = "prices";
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 857);
    assert_int_equal(w->sink.letters, 0);
    assert_int_equal(w->dead.arrived, 143);
    assert_int_equal(w->dead.letters, 143);
    for (size_t i = 0; i < 143; i++)
        assert_int_equal(w->dead.offsets[i], 3 + 7 * i);
    assert_true(w->dead.last);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 143);
    assert_int_equal(metric(w, PF_PUMP_ARRIVED), 857);
    assert_int_equal(w->source.committed, 1000);
    assert_contains(w->heard.text,
                    "put aside in the dead letter office the "
                    "record at offset 3 of prices [2], odd: it is "
                    "odd: x");
}

static void other_policies_leave_that_sink_alone(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->pump.on_bad = PF_ON_BAD_SKIP;
    w->pump.dead_letters = NULL;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->dead.taken, 0);
    assert_int_equal(w->source.committed, 1000);
}

static void a_dead_letter_that_is_under_way_holds_the_position(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->dead.stuck_at = 2; /* those of records 3 and 10 */
    w->dead.fail_flush_at = 20;
    w->dead.flush_rc = PF_UNDELIVERED;
    w->pump.commit_interval_ms = 0;
    assert_int_equal(run(w), PF_UNDELIVERED);
    assert_int_equal(w->sink.arrived, w->sink.taken);
    assert_int_equal(w->source.committed, 10); /* a whole batch is through */
}

static void a_full_sink_of_dead_letters_makes_the_source_wait(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->filter.bad_every = 1;
    w->dead.room = 3;
    w->dead.per_flush = 1;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 3);
    assert_int_equal(w->dead.arrived, 997);
    assert_int_equal(w->source.committed, 1000);
}

static void a_sink_of_dead_letters_that_breaks_is_told(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->dead.fail_write_at = 5; /* record 38 */
    assert_int_equal(run(w), PF_FATAL);
    assert_string_equal(w->err.text, "the sink broke");
    assert_true(w->source.committed <= 38);
}

static void the_limit_leaves_no_dead_letter_after_it(void **state)
{
    struct world *w = *state;

    /* 0 1 2 (3) 4 5 6 7 8 9 (10) */
    use_filter(w);
    put_aside(w);
    w->source.batch = 20;
    w->pump.limit = 9;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 9);
    assert_int_equal(w->dead.taken, 1);
    assert_int_equal(w->source.committed, 10);
}

static void other_outputs_and_dead_letters_go_together(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    put_aside(w);
    w->splitter.refuses = true;
    w->sink.per_flush = 3;
    w->side.per_flush = w->dead.per_flush = 1;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 1600);
    assert_int_equal(w->side.arrived, 334 - 67);
    assert_int_equal(w->dead.arrived, 200);
    assert_int_equal(w->dead.offsets[199], 995);
    assert_int_equal(w->source.committed, 1000);
}

static void the_main_sink_gets_dead_letters_in_their_order(void **state)
{
    struct world *w = *state;

    use_filter(w);
    put_aside(w);
    w->pump.dead_letters = &w->sink.base;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 1000);
    assert_int_equal(w->sink.letters, 143);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(w->sink.offsets[i], i);
    assert_int_equal(w->source.committed, 1000);
}

static void what_the_source_refuses_is_skipped(void **state)
{
    struct world *w = *state;

    w->source.refuses = true;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 800);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 200);
    assert_int_equal(w->source.committed, 1000);
    assert_contains(w->heard.text, "skipped lines:0: no line: x");
}

static void what_the_source_refuses_is_put_aside(void **state)
{
    struct world *w = *state;

    w->source.refuses = true;
    put_aside(w);
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 800);
    assert_int_equal(w->dead.letters, 200);
    assert_int_equal(w->dead.offsets[199], 995);
    assert_contains(w->heard.text, "put aside in the dead letter office: "
                                   "lines:0: no line: x");
}

/* 0, 5, 10 by the source; 3, 10, 17 by the filter. */
static void what_both_refuse_is_put_aside_in_order(void **state)
{
    struct world *w = *state;
    size_t n = 0;

    w->source.refuses = true;
    use_filter(w);
    put_aside(w);
    assert_int_equal(run(w), PF_OK);
    for (int64_t i = 0; i < 1000; i++)
        if (i % 5 == 0 || i % 7 == 3)
            assert_int_equal(w->dead.offsets[n++], i);
    assert_int_equal(w->dead.letters, n);
    assert_int_equal(w->sink.arrived, 1000 - n);
    assert_int_equal(w->source.committed, 1000);
}

/* Only what became of records before the limit is through. */
static void the_filter_gets_what_the_source_does_not_refuse(void **state)
{
    struct world *w = *state;

    w->source.refuses = true;
    use_splitter(w);
    w->pump.limit = 5; /* 1, 2 and 3, as 3 is not parted */
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 6);
    assert_int_equal(w->sink.offsets[5], 7);
    assert_int_equal(w->side.arrived, 1);
    assert_int_equal(w->side.offsets[0], 3);
    assert_int_equal(w->source.committed, 4);
}

static void stops_before_what_the_source_refuses(void **state)
{
    struct world *w = *state;

    w->source.refuses = true;
    w->source.given = 1;
    w->source.ticket = 1;
    w->pump.on_bad = PF_ON_BAD_STOP;
    assert_int_equal(run(w), PF_FORMAT);
    assert_int_equal(w->sink.arrived, 4); /* 1 to 4 */
    assert_int_equal(w->source.committed, 5);
    assert_string_equal(w->err.text, "lines:5: no line (feed.on.bad = stop)");
}

static void a_limit_before_the_bad_record_comes_first(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.first_bad = 14;
    w->pump.on_bad = PF_ON_BAD_STOP;
    w->pump.limit = 12;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 12);
    assert_int_equal(w->source.committed, 12);
    assert_int_equal(metric(w, PF_PUMP_REFUSED), 0);
}

static void a_source_that_breaks_keeps_what_arrived_committed(void **state)
{
    struct world *w = *state;

    w->source.fail_at = 55;
    assert_int_equal(run(w), PF_IO);
    assert_string_equal(w->err.text, "the source broke");
    assert_int_equal(w->sink.arrived, 55);
    assert_int_equal(w->source.committed, 55);
    assert_int_equal(metric(w, PF_PUMP_FINISHED), 0);
}

static void a_filter_that_breaks_keeps_what_arrived_committed(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.fails_at = 50;
    assert_int_equal(run(w), PF_NOMEM);
    assert_string_equal(w->err.text, "the filter broke");
    assert_int_equal(w->source.committed, 50);
}

/* It knows what was in the batch that broke, and nobody has its results. */
static void one_with_state_that_breaks_leaves_no_later_position(void **state)
{
    struct world *w = *state;

    use_filter(w);
    w->filter.fails_at = 50;
    w->filter.base.ops = &stateful_ops;
    assert_int_equal(run(w), PF_NOMEM);
    assert_string_equal(w->err.text, "the filter broke");
    assert_int_equal(w->source.committed, -1);
}

static void a_sink_that_breaks_keeps_what_arrived_committed(void **state)
{
    struct world *w = *state;

    w->sink.fail_write_at = 55;
    assert_int_equal(run(w), PF_FATAL);
    assert_string_equal(w->err.text, "the sink broke");
    assert_int_equal(w->source.committed, 55);
}

static void a_flush_that_breaks_keeps_what_arrived_committed(void **state)
{
    struct world *w = *state;

    w->pump.commit_interval_ms = 0;
    w->sink.fail_flush_at = 50;
    w->sink.stuck_at = 42;
    w->sink.flush_rc = PF_UNDELIVERED;
    assert_int_equal(run(w), PF_UNDELIVERED);
    assert_string_equal(w->err.text, "the flush broke");
    assert_int_equal(w->sink.taken, 50);
    assert_int_equal(w->source.committed, 40); /* the last whole batch */
}

static void a_flush_that_breaks_in_the_drain_is_told(void **state)
{
    struct world *w = *state;

    w->sink.fail_flush_at = 1000;
    w->sink.flush_rc = PF_FATAL;
    assert_int_equal(run(w), PF_FATAL);
    assert_string_equal(w->err.text, "the flush broke");
}

static void the_first_failure_is_the_one_that_is_told(void **state)
{
    struct world *w = *state;

    w->source.fail_at = 55;
    w->sink.fail_flush_at = 55;
    w->sink.flush_rc = PF_FATAL;
    assert_int_equal(run(w), PF_IO);
    assert_string_equal(w->err.text, "the source broke");
}

static void a_sink_that_has_seen_enough_ends_it_without_failure(void **state)
{
    struct world *w = *state;

    w->sink.room = 30;
    w->sink.fail_flush_at = 30;
    w->sink.stuck_at = 20;
    w->sink.flush_rc = PF_END;
    assert_int_equal(run(w), PF_END);
    assert_string_equal(w->err.text, "the flush broke");
    assert_int_equal(w->source.committed, 20);
    assert_int_equal(metric(w, PF_PUMP_FINISHED), 0);
}

/* A stop is the whole process's: such tests run in a child of their own,
 * which fails by its exit code. */
static void each_output_has_a_sink_of_its_own(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 2000);
    assert_int_equal(w->side.arrived, 334);
    assert_int_equal(w->side.offsets[333], 999);
    assert_int_equal(w->source.committed, 1000);
    assert_true(w->sink.last && w->side.last);
}

static void what_one_sink_lacks_is_not_committed(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    w->source.fail_at = 500;
    w->side.stuck_at = 100; /* the last of these is from record 297 */
    assert_int_equal(run(w), PF_IO);
    assert_string_equal(w->err.text, "the source broke");
    assert_int_equal(w->sink.arrived, 1000);
    assert_int_equal(w->source.committed, 300);
}

static void a_full_sink_of_one_output_makes_the_source_wait(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    w->side.room = 1;
    w->side.per_flush = 1;
    w->sink.room = 3;
    w->sink.per_flush = 2;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.arrived, 2000);
    assert_int_equal(w->side.arrived, 334);
    assert_int_equal(w->source.committed, 1000);
}

static void the_limit_does_not_cut_what_one_record_became(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    w->pump.limit = 25;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.taken, 26);
    assert_int_equal(w->side.taken, 5); /* 0 3 6 9 12 */
    assert_int_equal(w->source.committed, 13);
}

static void the_sink_that_breaks_is_the_one_that_is_told(void **state)
{
    struct world *w = *state;

    use_splitter(w);
    w->side.fail_write_at = 4; /* record 12: the third of its batch */
    assert_int_equal(run(w), PF_FATAL);
    assert_string_equal(w->err.text, "the sink broke");
    assert_int_equal(w->side.arrived, 4);
    assert_int_equal(w->source.committed, 10 + 1 + 1);
}

static void a_change_waits_for_what_was_read(void **state)
{
    struct world *w = *state;

    w->source.change_at = 505; /* half of a batch */
    w->sink.per_flush = 7;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->source.changes, 1);
    assert_int_equal(w->source.settled, 1);
    assert_int_equal(w->source.under_way, 0);
    assert_int_equal(w->source.through, 505);
    assert_null(w->source.change.keeper);
    assert_int_equal(w->sink.arrived, 1000);
}

static void a_change_waits_no_longer_than_its_time(void **state)
{
    struct world *w = *state;

    w->source.change_at = 505; /* half of a batch, */
    w->source.fail_at = 510;   /* and the end of its rest */
    w->sink.stuck_at = 503;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.settled, 1);
    assert_int_equal(w->source.under_way, 2);
    assert_int_equal(w->source.through, 500);
    assert_int_equal(w->sink.taken, 510);
    assert_int_equal(w->source.committed, 500);
    assert_null(strstr(w->heard.text, "given away")); /* they come */
}

static void it_says_what_goes_before_it_has_arrived(void **state)
{
    struct world *w = *state;

    w->source.gives = true;
    w->source.change_at = w->source.fail_at = 500;
    w->sink.stuck_at = 400;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.under_way, 100);
    assert_contains(w->heard.text,
                    "2 partitions are given away before all that was read has "
                    "arrived: what has not is read again by another member");
}

static void it_does_not_say_so_when_all_has_arrived(void **state)
{
    struct world *w = *state;

    w->source.gives = true;
    w->source.change_at = w->source.fail_at = 500;
    w->sink.per_flush = 7;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.under_way, 0);
    assert_string_equal(w->heard.text, "");
}

/* The source says so itself. */
static void it_does_not_say_so_of_what_is_lost(void **state)
{
    struct world *w = *state;

    w->source.gives = w->source.loses = true;
    w->source.change_at = w->source.fail_at = 500;
    w->sink.stuck_at = 400;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.settled, 1);
    assert_string_equal(w->heard.text, "");
}

static void fake_abort(struct pf_sink *base)
{
    ((struct fake_sink *)base)->aborts++;
}

static const struct pf_sink_ops final_ops = {
    .write = fake_write, .flush = fake_flush, .abort = fake_abort};

static void
what_has_not_arrived_of_partitions_that_go_is_taken_back(void **state)
{
    struct world *w = *state;

    w->sink.base.ops = &final_ops;
    w->source.gives = true;
    w->source.change_at = w->source.fail_at = 500;
    w->sink.stuck_at = 400;
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.settled, 1);
    assert_int_equal(w->sink.aborts, 1);
}

static void what_has_arrived_of_them_is_not(void **state)
{
    struct world *w = *state;

    w->sink.base.ops = &final_ops;
    w->source.gives = true;
    w->source.change_at = 500;
    w->sink.per_flush = 7;
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->source.settled, 1);
    assert_int_equal(w->sink.aborts, 0);
}

/* Where partition n of topic t goes on, for a sink that has 10 n of it, and
 * says so when it is asked for the third time. */
static enum pf_rc fake_position(struct pf_sink *base,
                                struct pf_partition *partition, int timeout_ms,
                                struct pf_error *err)
{
    struct fake_sink *s = (struct fake_sink *)base;

    (void)err;
    assert_string_equal(partition->topic, "t");
    assert_true(timeout_ms > 0);
    if (++s->questions % 3)
        return PF_AGAIN;
    partition->offset = 10 * partition->number;
    return s->questions == s->fail_at_question ? PF_IO : PF_OK;
}

static const struct pf_sink_ops keeper_ops = {.write = fake_write,
                                              .flush = fake_flush,
                                              .position = fake_position,
                                              .keeper = "the book"};

static void a_sink_that_keeps_positions_is_asked_for_them(void **state)
{
    struct world *w = *state;

    w->sink.base.ops = &keeper_ops;
    w->source.change_at = 0;
    w->source.come[0] = (struct pf_partition){.topic = "t", .number = 4};
    w->source.come[1] = (struct pf_partition){.topic = "t", .number = 5};
    assert_int_equal(run(w), PF_OK);
    assert_int_equal(w->sink.questions, 6);
    assert_int_equal(w->source.come[0].offset, 40);
    assert_int_equal(w->source.come[1].offset, 50);
    assert_string_equal(w->source.change.keeper, "the book");
    assert_int_equal(w->source.settled, 1);
    assert_int_equal(w->sink.arrived, 1000);
}

static void one_that_cannot_tell_ends_it(void **state)
{
    struct world *w = *state;

    w->sink.base.ops = &keeper_ops;
    w->sink.fail_at_question = 3;
    w->source.change_at = 0;
    w->source.come[0] = (struct pf_partition){.topic = "t", .number = 4};
    assert_int_equal(run(w), PF_IO);
    assert_int_equal(w->source.settled, 0);
    assert_int_equal(w->sink.taken, 0);
}

static void assert_in_child(bool (*holds)(struct world *w), struct world *w)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(10);
        _exit(pf_stop_init(NULL) || !holds(w));
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool stops_in_a_change(struct world *w)
{
    w->source.gives = true;
    w->source.change_at = 500;
    w->sink.stuck_at = 400;
    w->sink.stops_there = true;
    return run(w) == PF_UNDELIVERED && w->source.changes == 1 &&
           !*w->heard.text;
}

static void it_does_not_say_so_at_a_stop(void **state)
{
    assert_in_child(stops_in_a_change, *state);
}

/* Far more marks than the ring holds: one each batch, each flush. */
static bool stops_with_much_under_way(struct world *w)
{
    w->source.batch = 1;
    w->pump.commit_interval_ms = 0;
    w->sink.stuck_at = 500;
    w->sink.stop_at = 1000;
    return run(w) == PF_UNDELIVERED && w->sink.taken == 1000 &&
           w->source.committed >= 400 && w->source.committed <= 500 &&
           !strcmp(w->err.text, "500 of 1000 records were not delivered "
                                "within 20 ms");
}

static void commits_only_what_has_arrived(void **state)
{
    assert_in_child(stops_with_much_under_way, *state);
}

static bool stops_with_a_slow_sink(struct world *w)
{
    w->source.endless = true;
    w->sink.per_flush = 1;
    w->sink.stop_at = 1000;
    w->pump.drain_ms = 5000;
    return run(w) == PF_OK && w->source.committed == 1000;
}

static void late_arrivals_are_committed_in_the_drain(void **state)
{
    assert_in_child(stops_with_a_slow_sink, *state);
}

static bool is_stopped_while_it_finishes(struct world *w)
{
    w->sink.stuck_at = 500;
    if (fork() == 0) {
        poll(NULL, 0, 30);
        kill(getppid(), SIGTERM);
        _exit(0);
    }
    return run(w) == PF_UNDELIVERED && w->source.committed == 500 &&
           metric(w, PF_PUMP_FINISHED) == 1;
}

static void a_stop_ends_the_wait_for_what_is_under_way(void **state)
{
    assert_in_child(is_stopped_while_it_finishes, *state);
}

static bool stops_while_full(struct world *w)
{
    w->sink.room = 30;
    w->sink.stuck_at = 15;
    w->sink.stop_at = 30;
    w->pump.drain_ms = 50;
    /* 40 records were read; 30 are taken, 15 have arrived, none is lost. */
    return run(w) == PF_UNDELIVERED && w->sink.taken == 30 &&
           w->source.committed == 10;
}

static void a_stop_ends_it_although_the_sink_is_full(void **state)
{
    assert_in_child(stops_while_full, *state);
}

static bool stops_in_a_batch(struct world *w)
{
    w->sink.room = 7;
    w->sink.stop_at = 7;
    return run(w) == PF_OK && w->sink.taken == 7 && w->sink.arrived == 7 &&
           w->source.committed == 7 && metric(w, PF_PUMP_FINISHED) == 0;
}

static void a_stop_in_the_middle_of_a_batch_commits_what_was_taken(void **state)
{
    assert_in_child(stops_in_a_batch, *state);
}

/* Whatever is through is so in all sinks, and nothing else is in any. */
static bool stops_between_records(struct world *w)
{
    uint64_t records;

    return run(w) == PF_OK && (records = (uint64_t)w->source.committed) &&
           w->sink.arrived == 2 * records && w->sink.taken == 2 * records &&
           w->side.arrived == (records + 2) / 3 &&
           w->side.taken == (records + 2) / 3;
}

static bool stops_in_what_a_record_became(struct world *w)
{
    use_splitter(w);
    w->sink.room = w->sink.stop_at = 7;
    return stops_between_records(w) && w->source.committed == 4;
}

static bool stops_before_the_other_output(struct world *w)
{
    use_splitter(w);
    w->sink.stop_at = 20; /* the whole batch, but nothing for the side */
    w->side.room = w->side.per_flush = 1;
    return stops_between_records(w) && w->source.committed == 10;
}

static bool stops_with_no_room_for_the_other_output(struct world *w)
{
    use_splitter(w);
    w->sink.stop_at = 20;
    w->side.room = 2; /* records 0 and 3 */
    w->side.stuck_at = 1;
    return run(w) == PF_UNDELIVERED && w->sink.arrived == 20 &&
           w->side.taken == 3 && w->source.committed <= 3;
}

static bool stops_with_no_room_for_the_rest_of_a_record(struct world *w)
{
    use_splitter(w);
    w->sink.stop_at = w->sink.full_at = 7;
    return run(w) == PF_OK && w->sink.arrived == 7 && w->source.committed == 3;
}

static bool breaks_with_no_room_for_the_other_output(struct world *w)
{
    use_splitter(w);
    w->sink.fail_write_at = 15;
    w->side.full_at = 1;
    return run(w) == PF_FATAL && !strcmp(w->err.text, "the sink broke") &&
           w->source.committed == 1;
}

static void a_stop_never_parts_what_a_record_became(void **state)
{
    assert_in_child(stops_in_what_a_record_became, *state);
}

static void a_stop_waits_for_the_other_outputs(void **state)
{
    assert_in_child(stops_before_the_other_output, *state);
}

static void but_not_for_ever(void **state)
{
    assert_in_child(stops_with_no_room_for_the_other_output, *state);
    assert_in_child(stops_with_no_room_for_the_rest_of_a_record, *state);
    assert_in_child(breaks_with_no_room_for_the_other_output, *state);
}

/* The splitter's outputs and the dead letters: each has what the position says,
 * and nothing else. */
static bool stops_before_the_dead_letters(struct world *w)
{
    uint64_t records, dead;

    use_splitter(w);
    put_aside(w);
    w->splitter.refuses = true;
    w->sink.stop_at = 16; /* the whole batch, but no dead letter of it */
    w->dead.room = w->dead.per_flush = 1;
    if (run(w) != PF_OK)
        return false;
    records = (uint64_t)w->source.committed;
    dead = (records + 4) / 5;
    return records == 10 && w->dead.taken == dead && w->dead.arrived == dead &&
           w->sink.arrived == 2 * (records - dead) &&
           w->sink.taken == w->sink.arrived;
}

static bool stops_in_the_middle_with_dead_letters(struct world *w)
{
    use_filter(w);
    put_aside(w);
    w->sink.room = w->sink.stop_at = 3; /* 0 1 2 (3) 4 5 6 ... */
    return run(w) == PF_OK && w->sink.arrived == 3 && w->dead.taken == 0 &&
           w->source.committed == 3;
}

static bool stops_with_no_room_for_dead_letters(struct world *w)
{
    use_filter(w);
    put_aside(w);
    w->filter.bad_every = 2; /* 3 5 7 9 */
    w->sink.stop_at = 6;
    w->dead.room = 2;
    w->dead.stuck_at = 1;
    return run(w) == PF_UNDELIVERED && w->sink.arrived == 6 &&
           w->source.committed <= 7;
}

static void a_stop_parts_no_record_from_its_dead_letter(void **state)
{
    assert_in_child(stops_before_the_dead_letters, *state);
    assert_in_child(stops_in_the_middle_with_dead_letters, *state);
}

static void but_waits_for_dead_letters_no_longer_than_the_drain(void **state)
{
    assert_in_child(stops_with_no_room_for_dead_letters, *state);
}

static bool stops_between_batches(struct world *w)
{
    w->source.endless = true;
    w->sink.stop_at = 995;
    return run(w) == PF_OK && w->sink.arrived == 1000 &&
           w->source.committed == 1000;
}

static void a_stop_finds_a_source_that_is_quiet(void **state)
{
    assert_in_child(stops_between_batches, *state);
}

static bool stops_before_bad(struct world *w)
{
    use_filter(w);
    w->filter.first_bad = 9;
    w->pump.on_bad = PF_ON_BAD_STOP;
    w->sink.room = 5;
    w->sink.stop_at = 5;
    return run(w) == PF_OK && w->sink.taken == 5 && w->source.committed == 5;
}

static void a_stop_before_the_bad_record_comes_first(void **state)
{
    assert_in_child(stops_before_bad, *state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(moves_all_in_order_and_commits_the_end),
        TEST(a_position_that_moves_without_a_record_waits_for_all),
        TEST(an_empty_source_is_not_a_failure),
        TEST(needs_no_source_that_remembers),
        TEST(flushes_when_the_source_is_caught_up),
        TEST(what_waits_for_more_goes_at_the_end),
        TEST(what_arrives_after_a_gap_is_committed_with_it),
        TEST(settles_each_interval_when_never_caught_up),
        TEST(a_full_sink_makes_the_source_wait),
        TEST(a_source_that_has_ended_is_given_all_the_time),
        TEST(what_arrives_is_counted_by_how_late_it_does),
        TEST(what_does_not_arrive_is_not_late),
        TEST(ends_at_the_limit_in_the_middle_of_a_batch),
        TEST(ends_at_the_limit_at_the_end_of_a_batch),
        TEST(skips_bad_records_for_good),
        TEST(passes_a_batch_of_nothing_but_bad_records),
        TEST(the_limit_counts_good_records_and_stops_after_the_last),
        TEST(stops_before_a_bad_record_when_told),
        TEST(with_a_filter_that_keeps_state_nothing_of_its_batch_is_written),
        TEST(a_bad_record_is_named_with_its_topic_and_partition),
        TEST(dead_letters_have_a_sink_of_their_own),
        TEST(other_policies_leave_that_sink_alone),
        TEST(a_dead_letter_that_is_under_way_holds_the_position),
        TEST(a_full_sink_of_dead_letters_makes_the_source_wait),
        TEST(a_sink_of_dead_letters_that_breaks_is_told),
        TEST(the_limit_leaves_no_dead_letter_after_it),
        TEST(other_outputs_and_dead_letters_go_together),
        TEST(the_main_sink_gets_dead_letters_in_their_order),
        TEST(what_the_source_refuses_is_skipped),
        TEST(what_the_source_refuses_is_put_aside),
        TEST(what_both_refuse_is_put_aside_in_order),
        TEST(the_filter_gets_what_the_source_does_not_refuse),
        TEST(stops_before_what_the_source_refuses),
        TEST(a_limit_before_the_bad_record_comes_first),
        TEST(a_source_that_breaks_keeps_what_arrived_committed),
        TEST(a_filter_that_breaks_keeps_what_arrived_committed),
        TEST(one_with_state_that_breaks_leaves_no_later_position),
        TEST(a_sink_that_breaks_keeps_what_arrived_committed),
        TEST(a_flush_that_breaks_keeps_what_arrived_committed),
        TEST(a_flush_that_breaks_in_the_drain_is_told),
        TEST(the_first_failure_is_the_one_that_is_told),
        TEST(a_sink_that_has_seen_enough_ends_it_without_failure),
        TEST(commits_only_what_has_arrived),
        TEST(late_arrivals_are_committed_in_the_drain),
        TEST(a_stop_ends_the_wait_for_what_is_under_way),
        TEST(a_stop_ends_it_although_the_sink_is_full),
        TEST(a_stop_in_the_middle_of_a_batch_commits_what_was_taken),
        TEST(each_output_has_a_sink_of_its_own),
        TEST(what_one_sink_lacks_is_not_committed),
        TEST(a_full_sink_of_one_output_makes_the_source_wait),
        TEST(the_limit_does_not_cut_what_one_record_became),
        TEST(the_sink_that_breaks_is_the_one_that_is_told),
        TEST(a_change_waits_for_what_was_read),
        TEST(a_change_waits_no_longer_than_its_time),
        TEST(it_says_what_goes_before_it_has_arrived),
        TEST(it_does_not_say_so_when_all_has_arrived),
        TEST(it_does_not_say_so_of_what_is_lost),
        TEST(it_does_not_say_so_at_a_stop),
        TEST(what_has_not_arrived_of_partitions_that_go_is_taken_back),
        TEST(what_has_arrived_of_them_is_not),
        TEST(a_sink_that_keeps_positions_is_asked_for_them),
        TEST(one_that_cannot_tell_ends_it),
        TEST(a_stop_never_parts_what_a_record_became),
        TEST(a_stop_waits_for_the_other_outputs),
        TEST(but_not_for_ever),
        TEST(a_stop_parts_no_record_from_its_dead_letter),
        TEST(but_waits_for_dead_letters_no_longer_than_the_drain),
        TEST(a_stop_finds_a_source_that_is_quiet),
        TEST(a_stop_before_the_bad_record_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
