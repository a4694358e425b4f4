/* The sink that sends dead letters back, against librdkafka's mock of a
 * cluster: which letter it names when Kafka refuses one. */
#include "mock_cluster.h"

#include "dead_letters.h"
#include "origin_filter.h"
#include "origin_sink.h"

#define PRODUCE 0 /* the request's number in Kafka's protocol */

/* Two brokers, and of each topic one partition on each of them. */
struct world {
    struct cluster cluster;
    struct pf_filter *filter;
    struct pf_sink *sink;
    struct pf_dead_letters dead;
    struct pf_filtered filtered;
    struct pf_error err;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf;
    enum pf_rc rc;

    w->cluster = begin_cluster(2);
    rd_kafka_mock_topic_create(w->cluster.mock, "t", 2, 1);
    rd_kafka_mock_partition_set_leader(w->cluster.mock, "t", 0, 1);
    rd_kafka_mock_partition_set_leader(w->cluster.mock, "t", 1, 2);
    conf = cluster_conf(w->cluster);
    rc = pf_origin_filter_open(conf, NULL, &w->filter, &w->err);
    if (!rc)
        rc = pf_origin_sink_open(conf, &w->sink, &w->err);
    rd_kafka_conf_destroy(conf);
    *state = w;
    return (int)rc;
}

static int teardown(void **state)
{
    struct world *w = *state;

    pf_sink_close(w->sink);
    pf_filter_close(w->filter);
    pf_dead_letters_release(&w->dead);
    end_cluster(w->cluster);
    free(w);
    return 0;
}

/* Give it three letters, at 7, 8 and 9 of this place, for partitions 1, 0 and
 * 1 of the topic; then flush until it fails, or all have arrived. */
static enum pf_rc send_three(struct world *w, const char *topic,
                             int32_t partition, struct pf_arrival *ret)
{
    struct pf_record records[3], letters[3];
    struct pf_refusal refusals[3];
    struct pf_output made;
    enum pf_rc rc;
    size_t n;

    for (size_t i = 0; i < 3; i++) {
        records[i] = (struct pf_record){.topic = "t",
                                        .partition = i != 1,
                                        .timestamp = -1,
                                        .value = "v",
                                        .value_len = 1};
        refusals[i] = (struct pf_refusal){&records[i], "type", {"r"}};
    }
    rc = pf_dead_letters_make(&w->dead,
                              &(struct pf_batch){.records = records, .n = 3},
                              refusals, 3, &made, &w->err);
    assert_int_equal(rc, PF_OK);
    for (size_t i = 0; i < 3; i++) {
        letters[i] = made.records[i];
        letters[i].topic = topic;
        letters[i].partition = partition;
        letters[i].offset = 7 + (int64_t)i;
    }
    rc = w->filter->ops->apply(w->filter, letters, 3, &w->filtered, &w->err);
    assert_int_equal(rc, PF_OK);
    assert_int_equal(w->filtered.outputs[0].n, 3);
    rc = w->sink->ops->write(w->sink, w->filtered.outputs[0].records, 3, 3, &n,
                             &w->err);
    assert_int_equal(rc, PF_OK);
    do
        rc = w->sink->ops->flush(w->sink, 5000, ret, &w->err);
    while (rc == PF_AGAIN);
    return rc;
}

static void the_letter_that_kafka_refuses_is_named(void **state)
{
    struct world *w = *state;
    struct pf_arrival arrival;

    /* The one before it arrives later. */
    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 2, 50);
    rd_kafka_mock_broker_push_request_error_rtts(
        w->cluster.mock, 1, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        0);
    assert_int_equal(send_three(w, "dead", 4, &arrival), PF_UNDELIVERED);
    assert_contains(w->err.text,
                    "the dead letter at offset 8 of dead [4]: kafka: t: ");
}

static void a_letter_of_a_file_is_named_by_its_line(void **state)
{
    struct world *w = *state;
    struct pf_arrival arrival;

    rd_kafka_mock_broker_push_request_error_rtts(
        w->cluster.mock, 1, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        0);
    assert_int_equal(send_three(w, "/tmp/dead", -1, &arrival), PF_UNDELIVERED);
    assert_contains(w->err.text, "the dead letter at /tmp/dead:8: kafka: t: ");
}

static void all_arrive_if_kafka_takes_them(void **state)
{
    struct world *w = *state;
    struct pf_arrival arrival;

    for (uint64_t turn = 1; turn <= 3; turn++)
        assert_int_equal(send_three(w, "dead", 4, &arrival), PF_OK);
    assert_int_equal(arrival.records, 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_letter_that_kafka_refuses_is_named),
        TEST(a_letter_of_a_file_is_named_by_its_line),
        TEST(all_arrive_if_kafka_takes_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
