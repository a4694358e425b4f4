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

/* A topic that has been filled, and where it begins and ends. */
struct world {
    struct cluster cluster;
    rd_kafka_conf_t *conf;
    struct pf_tail tail;
    int64_t low, high;
};

static struct world begin(void)
{
    struct world w = {.cluster = begin_cluster(1)};
    struct pf_error err;

    w.conf = cluster_conf(w.cluster);
    rd_kafka_mock_topic_create(w.cluster.mock, "t", 1, 1);
    fill(w.conf);
    assert_int_equal(pf_tail_open(&w.tail, w.conf, "t", &err), PF_OK);
    assert_int_equal(pf_tail_ends(&w.tail, 0, &w.low, &w.high, &err), PF_OK);
    return w;
}

static void end(struct world *w)
{
    pf_tail_close(&w->tail);
    end_cluster(w->cluster);
    rd_kafka_conf_destroy(w->conf);
}

static void what_is_deleted_before_it_is_read_is_left_out(void **state)
{
    struct seen seen = {.first = -1, .last = -1};
    struct world w = begin();
    struct pf_error err;

    (void)state;
    assert_in_range(w.low, 1, RECORDS - 1);
    assert_int_equal(w.high, RECORDS);

    /* As if the first ones had been there when the ends were asked for. */
    assert_int_equal(pf_tail_read(&w.tail, 0, 0, w.high, look_at, &seen, &err),
                     PF_OK);
    assert_int_equal(seen.first, w.low);
    assert_int_equal(seen.last, w.high - 1);

    end(&w);
}

static void without_the_right_to_read_it_ends_and_names_the_right(void **state)
{
    struct seen seen = {.first = -1, .last = -1};
    struct world w = begin();
    struct pf_error err;

    (void)state;
    rd_kafka_mock_push_request_errors(
        w.cluster.mock, FETCH, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(
        pf_tail_read(&w.tail, 0, w.low, w.high, look_at, &seen, &err), PF_IO);
    assert_int_equal(seen.first, -1);
    assert_contains(err.text, "kafka: t [0]: Broker: Topic authorization "
                              "failed; the producer reads its topic");
    assert_contains(err.text, "needs the right to READ it");

    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_deleted_before_it_is_read_is_left_out),
        cmocka_unit_test(without_the_right_to_read_it_ends_and_names_the_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
