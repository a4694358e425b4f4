/* A flow into a sink that refuses some of its records, and does not say which:
 * it takes back all that was written since the last time that all was final. */
#include "unit.h"

#include <inttypes.h>

#include "blame.h"
#include "dead_letters.h"
#include "prng.h"
#include "pump.h"

#define RECORDS 5000
#define PARTS 3 /* that the filter makes of a record */

/* What has become of a record, or of a part of it. */
static struct {
    unsigned final, dead, shortened;
} seen[RECORDS * PARTS];

static uint64_t dice, rolls; /* a seed, and how many were drawn from it */

static uint32_t roll(uint32_t n)
{
    return (uint32_t)(pf_prng_at(dice, rolls++) % n);
}

/* ------------------------------------------------------------------ source */

static struct {
    struct pf_source base;
    int64_t next, through;
    uint64_t ticket;
    int64_t ahead; /* ticket, less the offset that it stands for */
    bool rewound, begun;
    bool moved; /* something was read since it went back */
    struct pf_partition come[1], told[1];
    struct pf_change change;
    struct pf_record records[1000];
    uint64_t reads;
} source;

static enum pf_rc source_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    size_t most = 1 + roll(COUNT(source.records));

    (void)base;
    (void)timeout_ms;
    (void)err;
    *ret = (struct pf_batch){.records = source.records};
    assert_true(source.reads++ < 100000);
    if (source.rewound || !source.begun) {
        *source.come = (struct pf_partition){
            .topic = "t", .offset = source.through, .from = -1};
        source.change = (struct pf_change){.gone = source.come,
                                           .come = source.come,
                                           .n_gone = source.begun,
                                           .n_come = 1,
                                           .lost = source.rewound,
                                           .again = source.rewound};
        source.begun = true;
        source.rewound = false;
        return PF_SETTLE;
    }
    if (!roll(5))
        return PF_AGAIN;
    for (; ret->n < most && source.next < RECORDS; ret->n++)
        source.records[ret->n] = (struct pf_record){.topic = "t",
                                                    .offset = source.next++,
                                                    .timestamp = -1,
                                                    .value = "v",
                                                    .value_len = 1};
    source.ticket += ret->n;
    ret->ticket = source.ticket;
    source.ahead = (int64_t)source.ticket - source.next;
    source.moved |= ret->n > 0;
    return ret->n ? PF_OK : PF_END;
}

static const struct pf_partition *
source_positions(struct pf_source *base, uint64_t ticket, size_t *ret_n)
{
    (void)base;
    *source.told = (struct pf_partition){
        .topic = "t", .offset = (int64_t)ticket - source.ahead, .from = -1};
    *ret_n = source.moved && source.told->offset > source.through;
    return source.told;
}

static void source_rewind(struct pf_source *base)
{
    (void)base;
    source.rewound = true;
    source.moved = false;
}

static struct pf_change *source_change(struct pf_source *base)
{
    (void)base;
    return &source.change;
}

static void source_settled(struct pf_source *base)
{
    (void)base;
    source.next = source.come->from >= 0 ? source.come->from : source.through;
}

static const struct pf_source_ops source_ops = {.read = source_read,
                                                .positions = source_positions,
                                                .rewind = source_rewind,
                                                .change = source_change,
                                                .settled = source_settled};

/* -------------------------------------------------------------------- sink */

static struct {
    struct pf_sink base;
    struct {
        int number;
        bool dead, shortened;
    } taken[RECORDS * PARTS * 2];
    size_t n;
    bool keeping, refused;
    int64_t position;
    uint64_t arrived;
    uint32_t bad_every, first_bad; /* those it refuses */
    enum { TAKES_LETTERS, TAKES_SHORT_ONES, REFUSES_LETTERS } letters;
    unsigned aborts;
} sink;

static bool is_bad(int number)
{
    return (uint32_t)number % sink.bad_every == sink.first_bad;
}

/* Which one: the offset, or what the filter wrote into the key. */
static int number_of(const struct pf_record *record)
{
    return record->key ? atoi(record->key) : (int)record->offset;
}

static enum pf_rc sink_write(struct pf_sink *base,
                             const struct pf_record *records, size_t n,
                             uint64_t ticket, size_t *ret_taken,
                             struct pf_error *err)
{
    size_t room = roll(4) ? n : roll((uint32_t)n + 1);

    (void)base;
    (void)ticket;
    (void)err;
    *ret_taken = 0;
    if (sink.keeping)
        return PF_AGAIN;
    for (size_t i = 0; i < room; i++) {
        assert_true(sink.n < COUNT(sink.taken));
        sink.taken[sink.n].number = number_of(&records[i]);
        sink.taken[sink.n].dead = pf_dead_letter_is(&records[i]);
        sink.taken[sink.n].shortened = sink.taken[sink.n].dead &&
                                       pf_dead_letter_is_short(&records[i]);
        sink.n++;
    }
    *ret_taken = room;
    return room < n ? PF_AGAIN : PF_OK;
}

static bool has_bad(void)
{
    for (size_t i = 0; i < sink.n; i++)
        if (is_bad(sink.taken[i].number) &&
            (!sink.taken[i].dead || sink.letters == REFUSES_LETTERS ||
             (sink.letters == TAKES_SHORT_ONES && !sink.taken[i].shortened)))
            return true;
    return false;
}

static void note_seen(size_t i)
{
    int number = sink.taken[i].number;

    if (sink.taken[i].dead)
        seen[number].dead++;
    else
        seen[number].final++;
    seen[number].shortened += sink.taken[i].shortened;
}

static enum pf_rc sink_flush(struct pf_sink *base, int timeout_ms,
                             struct pf_arrival *ret, struct pf_error *err)
{
    (void)base;
    (void)timeout_ms;
    (void)err;
    *ret = (struct pf_arrival){.records = sink.arrived};
    if (has_bad()) {
        sink.keeping = false;
        sink.refused = true;
        sink.n = 0;
        sink.aborts++;
        return PF_ABORTED;
    }
    for (size_t i = 0; i < sink.n && sink.keeping; i++)
        note_seen(i);
    if (sink.keeping) {
        source.through = sink.position;
        sink.arrived += sink.n;
        sink.n = 0;
        sink.keeping = false;
    }
    ret->records = sink.arrived;
    ret->through = PF_TICKET_ALL;
    return PF_OK;
}

static enum pf_rc sink_position(struct pf_sink *base,
                                struct pf_partition *partition, int timeout_ms,
                                struct pf_error *err)
{
    (void)base;
    (void)timeout_ms;
    (void)err;
    partition->offset = source.through;
    return PF_OK;
}

static enum pf_rc sink_keep(struct pf_sink *base,
                            const struct pf_partition *positions, size_t n,
                            struct pf_error *err)
{
    (void)base;
    (void)err;
    assert_true(n <= 1);
    sink.position = n ? positions->offset : source.through;
    sink.keeping = true;
    return PF_OK;
}

static bool sink_refused(struct pf_sink *base, struct pf_error *ret)
{
    bool refused = sink.refused;

    (void)base;
    sink.refused = false;
    if (refused)
        pf_fail(ret, PF_RANGE, "it is bad");
    return refused;
}

static const struct pf_sink_ops sink_ops = {.write = sink_write,
                                            .flush = sink_flush,
                                            .position = sink_position,
                                            .keeper = "the ledger",
                                            .keep = sink_keep,
                                            .refused = sink_refused};

/* ------------------------------------------------------------------ filter */

static struct {
    struct pf_filter base;
    struct pf_record records[COUNT(source.records) * PARTS];
    uint32_t from[COUNT(source.records) * PARTS];
    char keys[COUNT(source.records) * PARTS][12];
    int64_t live; /* records before were only read again */
    int64_t odd;  /* the one that refuse_one() refuses */
    struct pf_refusal refusal;
} filter;

/* Each record becomes several, all of which keep its place; or results of their
 * own, if they have one. */
static enum pf_rc split(struct pf_filter *base, const struct pf_record *records,
                        size_t n, struct pf_filtered *ret, struct pf_error *err)
{
    bool keeps = base->ops->assigned;
    size_t made = 0;

    (void)err;
    *ret = (struct pf_filtered){0};
    for (size_t i = 0; i < n * PARTS; i++) {
        struct pf_record *record = &filter.records[made];
        int number = (int)records[i / PARTS].offset * PARTS + (int)i % PARTS;

        if (keeps && records[i / PARTS].offset < filter.live)
            continue;
        snprintf(filter.keys[made], sizeof *filter.keys, "%d", number);
        *record = keeps ? (struct pf_record){.offset = -1} : records[i / PARTS];
        record->key = filter.keys[made];
        record->key_len = strlen(record->key);
        filter.from[made++] = (uint32_t)(i / PARTS);
    }
    ret->outputs[0] = (struct pf_output){
        .records = filter.records, .n = made, .from = filter.from};
    return PF_OK;
}

static enum pf_rc refuse_one(struct pf_filter *base,
                             const struct pf_record *records, size_t n,
                             struct pf_filtered *ret, struct pf_error *err)
{
    size_t made = 0;

    (void)base;
    (void)err;
    *ret = (struct pf_filtered){.refusals = &filter.refusal};
    for (size_t i = 0; i < n; i++) {
        filter.records[made] = records[i];
        filter.from[made] = (uint32_t)i;
        if (records[i].offset != filter.odd) {
            made++;
            continue;
        }
        filter.refusal = (struct pf_refusal){.record = &records[i]};
        filter.refusal.kind = "odd";
        pf_fail(&filter.refusal.reason, PF_FORMAT, "it is odd");
        ret->n_refused = 1;
    }
    ret->outputs[0] = (struct pf_output){
        .records = filter.records, .n = made, .from = filter.from};
    return PF_OK;
}

/* It needs some of those before. */
static enum pf_rc read_again(struct pf_filter *base,
                             struct pf_partition *partition,
                             struct pf_error *err)
{
    (void)base;
    (void)err;
    filter.live = partition->offset;
    partition->from = partition->offset > 20 ? partition->offset - 20 : 0;
    return PF_OK;
}

static const struct pf_filter_ops split_ops = {.n_outputs = 1, .apply = split};
static const struct pf_filter_ops odd_ops = {.n_outputs = 1,
                                             .apply = refuse_one};
static const struct pf_filter_ops keeping_ops = {
    .n_outputs = 1, .apply = split, .assigned = read_again};

/* -------------------------------------------------------------------- runs */

static struct pf_stats *stats;
static struct pf_error err;
static bool stops; /* before what is refused, instead of leaving it out */

static enum pf_rc run(const struct pf_filter_ops *ops, bool aside,
                      uint32_t bad_every, uint32_t first_bad)
{
    static const struct pf_metric metrics[] = {PF_PUMP_METRIC_ROWS};
    int letters = sink.letters;
    struct heard heard;
    enum pf_rc rc;

    memset(seen, 0, sizeof seen);
    memset(&source, 0, sizeof source);
    memset(&sink, 0, sizeof sink);
    source.base.ops = &source_ops;
    sink.base.ops = &sink_ops;
    sink.bad_every = bad_every;
    sink.first_bad = first_bad;
    sink.letters = letters;
    filter.base.ops = ops;
    pf_stats_close(stats);
    assert_int_equal(pf_stats_open("", metrics, COUNT(metrics), &stats, NULL),
                     PF_OK);
    begin_to_listen(&heard);
    rc = pf_pump_run(
        &(struct pf_pump){.source = &source.base,
                          .filter = ops ? &filter.base : NULL,
                          .sinks = {&sink.base},
                          .stats = stats,
                          .commit_interval_ms = (int)roll(3),
                          .drain_ms = 100,
                          .on_bad = aside   ? PF_ON_BAD_DEAD_LETTER
                                    : stops ? PF_ON_BAD_STOP
                                            : PF_ON_BAD_SKIP,
                          .dead_letters = aside ? &sink.base : NULL,
                          .dead_letters_in = "dead"},
        &err);
    end_to_listen(&heard);
    return rc;
}

static int end(void **state)
{
    (void)state;
    pf_stats_close(stats);
    stats = NULL;
    sink.letters = TAKES_LETTERS;
    stops = false;
    return 0;
}

static void a_record_that_is_refused_is_found_and_put_aside(void **state)
{
    (void)state;
    for (dice = 0; dice < 30; dice++) {
        uint32_t every = 1 + roll(dice % 3 ? 3000 : 30), first = roll(every);
        unsigned bad = 0;

        assert_int_equal(run(NULL, dice % 2, every, first), PF_OK);
        for (int i = 0; i < RECORDS; i++) {
            bad += is_bad(i);
            assert_int_equal(seen[i].final, !is_bad(i));
            assert_int_equal(seen[i].dead, is_bad(i) && dice % 2);
        }
        assert_true(*pf_stats_at(stats, PF_PUMP_REFUSED) >= bad);
        assert_true(sink.aborts <= 20 * bad);
    }
}

/* All that it became goes with it, and it is one dead letter. */
static void of_what_a_record_became_one_is_enough(void **state)
{
    (void)state;
    for (dice = 100; dice < 120; dice++) {
        uint32_t every = 50 + roll(3000), first = roll(every);

        assert_int_equal(run(&split_ops, false, every, first), PF_OK);
        for (int i = 0; i < RECORDS * PARTS; i++) {
            bool bad = false;

            for (int k = i - i % PARTS; k < i - i % PARTS + PARTS; k++)
                bad |= is_bad(k);
            assert_int_equal(seen[i].final, !bad);
            assert_int_equal(seen[i].dead, 0);
        }
    }
}

static void a_result_is_put_aside_by_itself(void **state)
{
    (void)state;
    for (dice = 200; dice < 220; dice++) {
        uint32_t every = 2 + roll(dice % 3 ? 3000 : 30), first = roll(every);

        assert_int_equal(run(&keeping_ops, dice % 2, every, first), PF_OK);
        for (int i = 0; i < RECORDS * PARTS; i++) {
            assert_int_equal(seen[i].final, !is_bad(i));
            assert_int_equal(seen[i].dead, is_bad(i) && dice % 2);
        }
    }
}

/* All before it is final; but for results, of which only some may be: those of
 * the batches before. */
static void with_stop_nothing_is_final_from_there_on(void **state)
{
    static const struct pf_filter_ops *const kinds[] = {NULL, &split_ops,
                                                        &keeping_ops};

    (void)state;
    stops = true;
    for (dice = 600; dice < 630; dice++) {
        const struct pf_filter_ops *kind = kinds[dice % COUNT(kinds)];
        int parts = kind ? PARTS : 1;
        int bad = (int)roll((uint32_t)(RECORDS * parts));

        assert_int_equal(run(kind, false, UINT32_MAX, (uint32_t)bad),
                         PF_FORMAT);
        assert_contains(err.text, "it is bad (feed.on.bad = stop)");
        if (kind == &keeping_ops)
            assert_in_range(source.through, 0, bad / parts);
        else
            assert_int_equal(source.through, bad / parts);
        for (int i = 0; i < RECORDS * parts; i++)
            assert_int_equal(seen[i].final, i < source.through * parts);
    }
}

/* Within a batch, too. */
static void with_stop_all_before_what_the_filter_refuses_is_final(void **state)
{
    (void)state;
    stops = true;
    for (dice = 700; dice < 720; dice++) {
        filter.odd = roll(RECORDS);
        assert_int_equal(run(&odd_ops, false, UINT32_MAX, UINT32_MAX),
                         PF_FORMAT);
        assert_contains(err.text, "it is odd (feed.on.bad = stop)");
        assert_int_equal(source.through, filter.odd);
        for (int i = 0; i < RECORDS; i++)
            assert_int_equal(seen[i].final, i < filter.odd);
    }
}

static void without_one_nothing_is_written_twice(void **state)
{
    (void)state;
    dice = 300;
    assert_int_equal(run(NULL, true, UINT32_MAX, UINT32_MAX), PF_OK);
    assert_int_equal(sink.aborts, 0);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(seen[i].final, 1);
}

/* Also where it is a result's. */
static void a_dead_letter_that_is_too_long_is_shortened(void **state)
{
    static const struct pf_filter_ops *const kinds[] = {NULL, &keeping_ops};

    (void)state;
    sink.letters = TAKES_SHORT_ONES;
    for (dice = 500; dice < 520; dice++) {
        const struct pf_filter_ops *kind = kinds[dice % 2];
        uint32_t every = 2 + roll(dice % 3 ? 3000 : 100), first = roll(every);

        assert_int_equal(run(kind, true, every, first), PF_OK);
        for (int i = 0; i < RECORDS * (kind ? PARTS : 1); i++) {
            assert_int_equal(seen[i].final, !is_bad(i));
            assert_int_equal(seen[i].dead, is_bad(i));
            assert_int_equal(seen[i].shortened, is_bad(i));
        }
    }
}

/* Nothing that a record has is the reason. */
static void one_that_is_refused_when_it_is_short_ends_it(void **state)
{
    (void)state;
    dice = 400;
    sink.letters = REFUSES_LETTERS;
    assert_int_equal(run(NULL, true, RECORDS, 3777), PF_UNDELIVERED);
    assert_string_equal(err.text,
                        "the dead letter of the record at offset 3777, without "
                        "what the record has: it is bad");
    for (int i = 0; i < 3777; i++)
        assert_int_equal(seen[i].final, 1);
    assert_int_equal(seen[3777].final + seen[3777].dead, 0);
}

/* Of a batch, those that a number of records begins with. */
static void a_slice_has_its_own_refusals(void **state)
{
    static struct pf_record records[10];
    static const struct pf_refusal refusals[] = {{.record = &records[1]},
                                                 {.record = &records[4]},
                                                 {.record = &records[9]}};
    const struct pf_batch batch = {.records = records,
                                   .n = 10,
                                   .ticket = 110,
                                   .refusals = refusals,
                                   .n_refused = 3};
    struct pf_blame blame = {.most = 4};
    struct pf_batch some = pf_blame_slice(&blame, &batch, 2);

    (void)state;
    assert_ptr_equal(some.records, &records[2]);
    assert_int_equal(some.n, 4);
    assert_int_equal(some.ticket, 106);
    assert_ptr_equal(some.refusals, &refusals[1]);
    assert_int_equal(some.n_refused, 1);
    blame.most = 0;
    some = pf_blame_slice(&blame, &batch, 5);
    assert_int_equal(some.n, 5);
    assert_int_equal(some.ticket, 110);
    assert_ptr_equal(some.refusals, &refusals[2]);
    assert_int_equal(some.n_refused, 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_that_is_refused_is_found_and_put_aside),
        TEST(of_what_a_record_became_one_is_enough),
        TEST(a_result_is_put_aside_by_itself),
        TEST(with_stop_nothing_is_final_from_there_on),
        TEST(with_stop_all_before_what_the_filter_refuses_is_final),
        TEST(without_one_nothing_is_written_twice),
        TEST(a_dead_letter_that_is_too_long_is_shortened),
        TEST(one_that_is_refused_when_it_is_short_ends_it),
        TEST(a_slice_has_its_own_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
