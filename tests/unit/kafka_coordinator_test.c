/* Members of a group that lose their coordinator. */
#include "kafka_members.h"

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
    assert_seen(w, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_coordinator_gets_the_positions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
