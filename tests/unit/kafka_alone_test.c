/* Many partitions up to their ends, and without a group. */
#include "kafka_members.h"

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
        TEST(without_a_group_all_come_at_once_and_end),
        TEST(what_is_written_while_it_reads_it_leaves_for_the_next),
        TEST(without_a_group_a_list_goes_on_where_the_group_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
