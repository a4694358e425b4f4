/* Members of a group that lose their partitions. */
#include "kafka_members.h"

/* The group no longer knows the member: somebody else may have its partitions
 * already, so what it has read of them must not be committed. */
static void of_lost_partitions_nothing_is_committed(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    rd_kafka_mock_push_request_errors(w->mock, HEARTBEAT, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    while (!m.lost && pf_now_ms() < deadline)
        turn(w, &m); /* which commits all that was read */
    assert_true(m.lost);
    assert_int_equal(m.partitions, 0);
    assert_int_equal(m.through, 0);
    m.source->ops->commit(m.source, m.ticket);

    /* They come back, as if it had never had them. */
    read_up_to(w, &m, 2 * RECORDS);
    assert_seen(w, 2);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(*pf_stats_at(m.stats, PF_KAFKA_POSITION), RECORDS);
    leave(&m);
}

static int64_t committed(const struct member *m)
{
    int64_t n;

    assert_int_equal(ask_committed(m, PATIENCE_MS, &n), 0);
    return n;
}

static int64_t position(const struct member *m)
{
    return (int64_t)*pf_stats_at(m->stats, PF_KAFKA_POSITION);
}

/* A member reads all, and commits nothing; that answer to a heartbeat takes its
 * partitions away, and they come again. Only then is a ticket of before
 * through.
 */
static void assert_old_ticket_counts_no_more(struct world *w,
                                             rd_kafka_resp_err_t why, bool lost)
{
    int64_t deadline, read;
    struct member m;

    w->session = "3000";
    join(w, &m);
    m.late = true;
    read_up_to(w, &m, RECORDS);
    rd_kafka_mock_push_request_errors(w->mock, 12 /* Heartbeat */, 1, why);
    deadline = pf_now_ms() + PATIENCE_MS;
    while (m.changes < 3 && pf_now_ms() < deadline)
        turn(w, &m); /* they have come; they go, and come */
    assert_int_equal(m.changes, 3);
    assert_int_equal(m.lost, lost);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.ticket, RECORDS);
    while (m.ticket == RECORDS && pf_now_ms() < deadline)
        turn(w, &m);
    read = (int64_t)m.ticket - RECORDS;
    assert_true(read > 0);

    m.source->ops->commit(m.source, RECORDS);
    assert_int_equal(position(&m), 0);
    assert_int_equal(committed(&m), 0);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(position(&m), read);
    while (committed(&m) < read && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(committed(&m), read);
    leave(&m);
}

static void a_ticket_of_lost_partitions_is_not_of_the_same_again(void **state)
{
    assert_old_ticket_counts_no_more(*state,
                                     RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, true);
}

static void nor_is_one_of_partitions_that_were_given_away(void **state)
{
    assert_old_ticket_counts_no_more(
        *state, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_lost_partitions_nothing_is_committed),
        TEST(a_ticket_of_lost_partitions_is_not_of_the_same_again),
        TEST(nor_is_one_of_partitions_that_were_given_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
