/* Members of a group that lose their coordinator. */
#include "kafka_members.h"

/* How long the cluster may take to say what is committed. */
#define ANSWER_MS 1000

static void another_coordinator_gets_the_positions(void **state)
{
    struct world *w = *state;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    assert_int_equal(rd_kafka_mock_coordinator_set(w->mock, "group", "g", 2),
                     0);
    m.source->ops->commit(m.source, m.ticket);
    leave(&m); /* which takes the time to find it */

    produce(w, PARTITIONS);
    join(w, &m);
    read_up_to(w, &m, PARTITIONS);
    leave(&m);
    assert_seen_of(w, RECORDS / PARTITIONS + 1, 1);
}

/* An answer that does not come is asked for again. */
static int64_t committed(const struct member *m)
{
    int64_t n;

    ask_committed(m, ANSWER_MS, &n);
    return n;
}

/* Read on until that many are committed, without asking for that again. */
static void await_committed(struct world *w, struct member *m, int64_t n)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;

    while (committed(m) < n && pf_now_ms() < deadline)
        turn(w, m);
    assert_int_equal(committed(m), n);
}

static void a_member_reads_on_with_another_coordinator_and_back(void **state)
{
    struct world *w = *state;
    int64_t deadline;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    for (int broker = 2; broker; broker--) {
        deadline = pf_now_ms() + PATIENCE_MS;
        rd_kafka_mock_coordinator_set(w->mock, "group", "g", broker);
        m.source->ops->commit(m.source, m.ticket);
        while (asked.beat_to != broker && pf_now_ms() < deadline)
            turn(w, &m);
        produce(w, PARTITIONS);
        read_up_to(w, &m, m.ticket + PARTITIONS);
        m.source->ops->commit(m.source, m.ticket);
        await_committed(w, &m, (int64_t)m.ticket);
        assert_int_equal(asked.commit_to, broker);
    }
    assert_int_equal(m.changes, 1); /* it was in the group all the time */
    leave(&m);

    produce(w, PARTITIONS);
    join(w, &m);
    read_up_to(w, &m, PARTITIONS);
    leave(&m);
    assert_seen_of(w, RECORDS / PARTITIONS + 3, 1);
}

/* The first two times librdkafka asks again itself, the last time it tells. */
static void a_commit_that_is_refused_is_taken_up_again(void **state)
{
    struct world *w = *state;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    rd_kafka_mock_push_request_errors(w->mock, OFFSET_COMMIT, 3,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
    m.source->ops->commit(m.source, m.ticket);
    await_committed(w, &m, RECORDS);
    assert_true(asked.commits >= 4);
    assert_false(m.lost);
    leave(&m);
    assert_seen(w, 1);
}

/* It keeps its partitions meanwhile. The second JoinGroup comes long after the
 * first one, which holds the commit back. */
static void while_a_member_joins_its_commit_is_held_then_let_go(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    w->strategy = "cooperative-sticky";
    join(w, &m);
    read_up_to(w, &m, RECORDS);
    rd_kafka_mock_push_request_errors(w->mock, JOIN_GROUP, 2,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    rd_kafka_mock_push_request_errors(w->mock, HEARTBEAT, 2,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
    while (asked.joins < 3 && pf_now_ms() < deadline)
        turn(w, &m);
    assert_true(asked.joining);
    m.source->ops->commit(m.source, m.ticket);
    while (asked.joining && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(asked.joins, 4);
    await_committed(w, &m, RECORDS);
    assert_int_equal(asked.early, 0);
    assert_false(m.lost);
    leave(&m);
    assert_seen(w, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_coordinator_gets_the_positions),
        TEST(a_member_reads_on_with_another_coordinator_and_back),
        TEST(a_commit_that_is_refused_is_taken_up_again),
        TEST(while_a_member_joins_its_commit_is_held_then_let_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
