/* Reading a partition's end, against librdkafka's mock of a cluster. */
#include "mock_cluster.h"

#include "tail.h"

/* More than the 5 MiB that the mock keeps of a partition. */
#define RECORDS 60
#define SIZE 100000

#define FETCH 1 /* Kafka's number of that request */

/* The offsets of what is read. */
struct seen {
    int64_t first, last;
};

static enum pf_rc look_at(void *context, const struct pf_record *record,
                          struct pf_error *err)
{
    struct seen *seen = context;

    (void)err;
    if (seen->first < 0)
        seen->first = record->offset;
    seen->last = record->offset;
    return PF_OK;
}

/* Fill partition 0 of t. */
static void fill(const rd_kafka_conf_t *conf)
{
    static char value[SIZE];
    rd_kafka_conf_t *mine = rd_kafka_conf_dup(conf);
    rd_kafka_t *rk;

    rd_kafka_conf_set(mine, "batch.num.messages", "1", NULL, 0);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, mine, NULL, 0);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(rd_kafka_producev(
                             rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(0),
                             RD_KAFKA_V_VALUE(value, sizeof value),
                             RD_KAFKA_V_END),
                         0);
    assert_int_equal(rd_kafka_flush(rk, 20000), 0);
    rd_kafka_destroy(rk);
}

static void what_is_deleted_before_it_is_read_is_left_out(void **state)
{
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct seen seen = {.first = -1, .last = -1};
    int64_t low, high;
    struct pf_tail tail;
    struct pf_error err;

    (void)state;
    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    fill(conf);
    assert_int_equal(pf_tail_open(&tail, conf, "t", &err), PF_OK);
    assert_int_equal(pf_tail_ends(&tail, 0, &low, &high, &err), PF_OK);
    assert_in_range(low, 1, RECORDS - 1);
    assert_int_equal(high, RECORDS);

    /* As if the first ones had been there when the ends were asked for. */
    assert_int_equal(pf_tail_read(&tail, 0, 0, high, look_at, &seen, &err),
                     PF_OK);
    assert_int_equal(seen.first, low);
    assert_int_equal(seen.last, high - 1);

    pf_tail_close(&tail);
    end_cluster(c);
    rd_kafka_conf_destroy(conf);
}

static void without_the_right_to_read_it_ends_and_names_the_right(void **state)
{
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct seen seen = {.first = -1, .last = -1};
    int64_t low, high;
    struct pf_tail tail;
    struct pf_error err;

    (void)state;
    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    fill(conf);
    assert_int_equal(pf_tail_open(&tail, conf, "t", &err), PF_OK);
    assert_int_equal(pf_tail_ends(&tail, 0, &low, &high, &err), PF_OK);
    rd_kafka_mock_push_request_errors(
        c.mock, FETCH, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(pf_tail_read(&tail, 0, low, high, look_at, &seen, &err),
                     PF_IO);
    assert_int_equal(seen.first, -1);
    assert_contains(err.text, "kafka: t [0]: Broker: Topic authorization "
                              "failed; the producer reads its topic");
    assert_contains(err.text, "needs the right to READ it");

    pf_tail_close(&tail);
    end_cluster(c);
    rd_kafka_conf_destroy(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_deleted_before_it_is_read_is_left_out),
        cmocka_unit_test(without_the_right_to_read_it_ends_and_names_the_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
