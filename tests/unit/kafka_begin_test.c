/* Where members of a group begin, and what goes with their positions. */
#include "kafka_members.h"

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

/* Read, of the first partition only, until each one's position was given: those
 * that have nothing give where they began. Nobody describes them. */
static void await_positions(struct world *w, struct member *m)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    bool given[PARTITIONS] = {false};
    size_t left = PARTITIONS, n;

    while (left && pf_now_ms() < deadline) {
        const struct pf_partition *positions;

        turn(w, m);
        if (m->partitions == PARTITIONS)
            produce(w, 1);
        positions = m->source->ops->positions(m->source, m->ticket, &n);
        for (size_t i = 0; i < n; i++) {
            assert_null(positions[i].metadata);
            left -= !given[positions[i].number];
            given[positions[i].number] = true;
        }
    }
    assert_int_equal(left, 0);
}

/* Its transaction was taken back: where it began is in the next one. */
static void where_a_new_group_began_is_given_again_after_a_rewind(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    w->reset = "latest";
    open_member(w, &m,
                (struct pf_kafka_start){.group = true,
                                        .offset = RD_KAFKA_OFFSET_STORED,
                                        .kept = true});
    m.found = "what another program has left";
    await_positions(w, &m);
    m.source->ops->rewind(m.source);
    while (!m.lost && pf_now_ms() < deadline)
        turn(w, &m);
    await_positions(w, &m);
    leave(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_goes_with_a_position_comes_back),
        TEST(a_new_group_may_begin_at_the_end),
        TEST(what_somebody_else_keeps_it_does_not_commit),
        TEST(where_a_new_group_began_is_given_again_after_a_rewind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
