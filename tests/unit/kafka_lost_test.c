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
    rd_kafka_mock_push_request_errors(w->mock, 12 /* Heartbeat */, 1,
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_lost_partitions_nothing_is_committed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
