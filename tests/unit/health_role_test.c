/* When a broker is in sync, by what the cluster knows of its partitions. */
#include "unit.h"

#include "health_role.h"

static void a_broker_is_behind_where_it_is_missing_in_sync(void **state)
{
    int32_t all[] = {1, 2, 3}, two[] = {2, 3}, others[] = {2};
    struct rd_kafka_metadata_partition partitions[] = {
        {.replicas = all, .replica_cnt = 3, .isrs = all, .isr_cnt = 3},
        {.replicas = all, .replica_cnt = 3, .isrs = two, .isr_cnt = 2},
        {.replicas = two, .replica_cnt = 2, .isrs = others, .isr_cnt = 1},
    };
    struct rd_kafka_metadata_topic topics[] = {
        {.partitions = partitions, .partition_cnt = 1},
        {.partitions = partitions + 1, .partition_cnt = 2},
    };
    struct rd_kafka_metadata known = {.topics = topics, .topic_cnt = 2};

    (void)state;
    assert_int_equal(health_behind(&known, 1), 1);
    assert_int_equal(health_behind(&known, 2), 0);
    assert_int_equal(health_behind(&known, 3), 1);
    assert_int_equal(health_behind(&known, 4), 0);
    known.topic_cnt = 1;
    assert_int_equal(health_behind(&known, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broker_is_behind_where_it_is_missing_in_sync),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
