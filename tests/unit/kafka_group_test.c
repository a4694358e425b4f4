/* Members of a group, against librdkafka's mock of a cluster, in which the
 * first one of a group waits three seconds for others. */
#include "kafka_members.h"

/* Promised in docs/guarantees.md, and so not lib/kafka/kafka_commit.h's. */
#define COMMIT_GAP_MS 250

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
    deadline = pf_now_ms() + PATIENCE_MS;
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
    deadline = pf_now_ms() + PATIENCE_MS;
    while (b.partitions < PARTITIONS && pf_now_ms() < deadline)
        turn(w, &b);
    assert_int_equal(b.partitions, PARTITIONS);
    leave(&b);
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

/* What comes every 20 ms, it could commit as often. */
static void commits_of_a_member_keep_their_distance(void **state)
{
    struct world *w = *state;
    int64_t deadline, began;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    assert_int_equal(m.changes, 1);
    began = pf_now_ms();
    deadline = began + PATIENCE_MS;
    while (asked.commits < 8 && pf_now_ms() < deadline) {
        if (turn(w, &m) == PF_AGAIN)
            produce(w, PARTITIONS);
        m.source->ops->commit(m.source, m.ticket);
    }
    assert_in_range(asked.commits, 8,
                    (pf_now_ms() - began) / COMMIT_GAP_MS + 2);
    assert_int_equal(m.changes, 1);
    leave(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_member_reads_all_partitions),
        TEST(two_members_share_them_and_nothing_is_skipped),
        TEST(rewound_it_gives_again_what_is_not_committed),
        TEST(commits_of_a_member_keep_their_distance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
