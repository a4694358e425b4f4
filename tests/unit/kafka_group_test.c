/* Many partitions: as a member of a group or alone, against librdkafka's mock
 * of a cluster. */
#include "kafka_members.h"

static void one_member_reads_all_partitions(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    join(w, &m);
    while (count_missing(w) && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.ticket, RECORDS);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(*pf_stats_at(m.stats, PF_KAFKA_POSITION), RECORDS);
    leave(&m);
}

static void two_members_share_them_and_nothing_is_skipped(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member a, b;

    join(w, &a);
    while (a.ticket < RECORDS / 2 && pf_now_ms() < deadline)
        turn(w, &a);
    join(w, &b);
    /* If one joins late, the other has all for a moment. */
    while ((count_missing(w) || a.partitions != PARTITIONS / 2 ||
            b.partitions != PARTITIONS / 2) &&
           pf_now_ms() < deadline) {
        turn(w, &a);
        turn(w, &b);
    }
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(a.partitions, PARTITIONS / 2);
    assert_int_equal(b.partitions, PARTITIONS / 2);
    assert_false(a.lost || b.lost);
    leave(&a);
    while (b.partitions < PARTITIONS && pf_now_ms() < deadline)
        turn(w, &b);
    assert_int_equal(b.partitions, PARTITIONS);
    leave(&b);
}

static void what_goes_with_a_position_comes_back(void **state)
{
    struct world *w = *state;
    int64_t each = RECORDS / PARTITIONS;
    struct member m;

    join(w, &m);
    m.source->ops->describe(m.source, describe, NULL);
    read_up_to(w, &m, RECORDS);
    m.source->ops->commit(m.source, m.ticket);
    leave(&m);

    /* The last ten are read again; the position does not go back. */
    join(w, &m);
    m.cut = each - 10;
    m.source->ops->describe(m.source, describe, NULL);
    read_up_to(w, &m, 10 * PARTITIONS);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(*pf_stats_at(m.stats, PF_KAFKA_POSITION), RECORDS);
    for (int p = 0; p < PARTITIONS; p++) {
        assert_int_equal(m.told[p], each);
        assert_int_equal(m.described[p], 1);
        for (int i = 0; i < each; i++)
            assert_int_equal(w->seen[p][i], i < m.cut ? 1 : 2);
    }
    leave(&m);
}

/* What comes after that is not skipped, whoever reads it. */
static void a_new_group_may_begin_at_the_end(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    w->reset = "latest";
    join(w, &m);
    while (*pf_stats_at(m.stats, PF_KAFKA_POSITION) < RECORDS &&
           pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(*pf_stats_at(m.stats, PF_KAFKA_POSITION), RECORDS);
    leave(&m);
    assert_int_equal(count_missing(w), RECORDS);

    produce(w, PARTITIONS);
    join(w, &m);
    while (m.ticket < PARTITIONS && pf_now_ms() < deadline)
        turn(w, &m);
    leave(&m);
    assert_int_equal(count_missing(w), RECORDS);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(w->seen[p][RECORDS / PARTITIONS], 1);
}

/* One whose positions somebody else keeps commits nothing, not even where a new
 * group begins, and says what has changed. */
static void what_somebody_else_keeps_it_does_not_commit(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    const struct pf_partition *positions;
    struct member m;
    size_t n;

    w->reset = "latest";
    open_member(w, &m,
                (struct pf_kafka_start){.group = true,
                                        .offset = RD_KAFKA_OFFSET_STORED,
                                        .kept = true});
    while (!m.ticket && pf_now_ms() < deadline) {
        turn(w, &m);
        if (m.partitions == PARTITIONS)
            produce(w, PARTITIONS);
    }
    for (int i = 0; i < 3; i++)
        turn(w, &m); /* it would commit while it waits for records */
    positions = m.source->ops->positions(m.source, m.ticket, &n);
    assert_in_range(n, 1, PARTITIONS);
    for (size_t i = 0; i < n; i++)
        assert_true(positions[i].offset >= RECORDS / PARTITIONS);
    m.source->ops->positions(m.source, m.ticket, &n);
    assert_int_equal(n, 0);
    leave(&m);

    w->reset = "earliest";
    join(w, &m);
    while (count_missing(w) && pf_now_ms() < deadline)
        turn(w, &m);
    leave(&m);
    assert_int_equal(count_missing(w), 0);
}

/* Rewind, and read until that is settled; all partitions go, and come. */
static void go_back(struct world *w, struct member *m)
{
    m->lost = false;
    m->source->ops->rewind(m->source);
    turn(w, m);
    assert_true(m->lost);
    assert_int_equal(m->partitions, PARTITIONS);
}

static void rewound_it_gives_again_what_is_not_committed(void **state)
{
    struct world *w = *state;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    go_back(w, &m);
    read_up_to(w, &m, 2 * RECORDS);
    assert_seen(w, 2);
    m.source->ops->commit(m.source, m.ticket);
    go_back(w, &m);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(m.told[p], RECORDS / PARTITIONS);
    turn(w, &m);
    assert_seen(w, 2);
    leave(&m);
}

/* All of them, without a group, up to their ends. */
static const struct pf_kafka_start alone = {
    .partition = PF_KAFKA_ALL,
    .offset = RD_KAFKA_OFFSET_BEGINNING,
    .end_at_eof = true,
    .without_group = true,
};

static void without_a_group_all_come_at_once_and_end(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    open_member(w, &m, alone);
    while (turn(w, &m) != PF_END)
        assert_true(pf_now_ms() < deadline);
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.changes, 1);
    assert_int_equal(*pf_stats_at(m.stats, PF_KAFKA_END), RECORDS);
    leave(&m);
}

/* How many records it was given of those that are there: each once. */
static int count_given(const struct world *w, int there)
{
    int n = 0;

    for (int i = 0; i < there; i++) {
        assert_in_range(w->seen[i % PARTITIONS][i / PARTITIONS], 0, 1);
        n += (int)w->seen[i % PARTITIONS][i / PARTITIONS];
    }
    return n;
}

static void what_is_written_while_it_reads_it_leaves_for_the_next(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    int there = RECORDS, given;
    struct member m;

    open_member(w, &m,
                (struct pf_kafka_start){.group = true,
                                        .offset = RD_KAFKA_OFFSET_STORED,
                                        .end_at_eof = true,
                                        .as_it_was = true});
    while (turn(w, &m) != PF_END) {
        assert_true(pf_now_ms() < deadline && there < 5 * RECORDS);
        if (m.ticket) {
            produce(w, PARTITIONS);
            there += PARTITIONS;
        }
    }
    assert_int_equal(count_missing(w), 0);
    given = count_given(w, there);
    assert_in_range(given, RECORDS, there - 1);
    m.source->ops->commit(m.source, m.ticket);
    leave(&m);

    join(w, &m);
    while (count_given(w, there) < there && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(count_given(w, there), there);
    leave(&m);
}

/* Where the group has come to, with what goes with that. It commits nothing. */
static void without_a_group_a_list_goes_on_where_the_group_is(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS, each = RECORDS / PARTITIONS;
    struct pf_kafka_start start = {.topic = "nobody,^t$",
                                   .partition = PF_KAFKA_ALL,
                                   .listed = true,
                                   .offset = RD_KAFKA_OFFSET_STORED,
                                   .end_at_eof = true,
                                   .kept = true};
    struct member m;

    join(w, &m);
    m.source->ops->describe(m.source, describe, NULL);
    read_up_to(w, &m, RECORDS);
    m.source->ops->commit(m.source, m.ticket);
    leave(&m);
    produce(w, PARTITIONS);

    for (unsigned round = 1; round <= 2; round++) {
        open_member(w, &m, start);
        m.cut = each - 10;
        while (turn(w, &m) != PF_END)
            assert_true(pf_now_ms() < deadline);
        m.source->ops->commit(m.source, m.ticket);
        for (int p = 0; p < PARTITIONS; p++) {
            assert_int_equal(m.told[p], each);
            assert_int_equal(m.described[p], 1);
            for (int i = 0; i <= each; i++)
                assert_int_equal(w->seen[p][i],
                                 (i < each) + (i < m.cut ? 0 : round));
        }
        leave(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_member_reads_all_partitions),
        TEST(two_members_share_them_and_nothing_is_skipped),
        TEST(what_goes_with_a_position_comes_back),
        TEST(a_new_group_may_begin_at_the_end),
        TEST(what_somebody_else_keeps_it_does_not_commit),
        TEST(rewound_it_gives_again_what_is_not_committed),
        TEST(without_a_group_all_come_at_once_and_end),
        TEST(what_is_written_while_it_reads_it_leaves_for_the_next),
        TEST(without_a_group_a_list_goes_on_where_the_group_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
