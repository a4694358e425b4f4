/* The sink that sends dead letters back, against librdkafka's mock of a
 * cluster: which letter it names when Kafka refuses one, and how many it sends
 * after that. */
#include "mock_cluster.h"

#include "dead_letters.h"
#include "origin_filter.h"
#include "origin_sink.h"

#define PRODUCE 0 /* the request's number in Kafka's protocol */
#define MOST 60   /* letters from the oldest one under way on */
#define LETTERS 100

/* Two brokers, and of each topic one partition on each of them. */
struct world {
    struct cluster cluster;
    struct pf_filter *filter;
    struct pf_sink *sink;
    struct pf_record records[LETTERS], letters[LETTERS];
    struct pf_refusal refusals[LETTERS];
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

/* Make n letters, at 7, 8, 9 and so on of this place, for partitions 1, 0, 1,
 * 1 and so on of the topic. */
static const struct pf_record *make(struct world *w, const char *topic,
                                    int32_t partition, size_t n)
{
    struct pf_output made;
    enum pf_rc rc;

    for (size_t i = 0; i < n; i++) {
        w->records[i] = (struct pf_record){.topic = "t",
                                           .partition = i != 1,
                                           .timestamp = -1,
                                           .value = "v",
                                           .value_len = 1};
        w->refusals[i] = (struct pf_refusal){&w->records[i], "type", {"r"}};
    }
    rc = pf_dead_letters_make(&w->dead,
                              &(struct pf_batch){.records = w->records, .n = n},
                              w->refusals, n, &made, &w->err);
    assert_int_equal(rc, PF_OK);
    for (size_t i = 0; i < n; i++) {
        w->letters[i] = made.records[i];
        w->letters[i].topic = topic;
        w->letters[i].partition = partition;
        w->letters[i].offset = 7 + (int64_t)i;
    }
    rc = w->filter->ops->apply(w->filter, w->letters, n, &w->filtered, &w->err);
    assert_int_equal(rc, PF_OK);
    assert_int_equal(w->filtered.outputs[0].n, n);
    return w->filtered.outputs[0].records;
}

/* Offer them; *ret is how many it has taken. */
static enum pf_rc offer(struct world *w, const struct pf_record *letters,
                        size_t n, size_t *ret)
{
    return w->sink->ops->write(w->sink, letters, n, 3, ret, &w->err);
}

/* Flush until it fails, or all that it has taken have arrived. */
static enum pf_rc flush(struct world *w, struct pf_arrival *ret)
{
    enum pf_rc rc;

    do
        rc = w->sink->ops->flush(w->sink, 5000, ret, &w->err);
    while (rc == PF_AGAIN);
    return rc;
}

/* Send three of these letters, the last two together. */
static enum pf_rc send_three(struct world *w, const char *topic,
                             int32_t partition, struct pf_arrival *ret)
{
    const struct pf_record *letters = make(w, topic, partition, 3);
    enum pf_rc rc = PF_OK;

    for (size_t at = 0, n; at < 3 && !rc; at += n) {
        rc = offer(w, letters + at, 3 - at, &n);
        if (rc == PF_AGAIN)
            rc = flush(w, ret);
    }
    return rc ? rc : flush(w, ret);
}

static void the_letter_that_kafka_refuses_is_named(void **state)
{
    struct world *w = *state;
    struct pf_arrival arrival;

    assert_int_equal(send_three(w, "dead", 4, &arrival), PF_OK);
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

static void until_one_has_arrived_each_goes_alone(void **state)
{
    struct world *w = *state;
    const struct pf_record *letters = make(w, "dead", 4, LETTERS);
    struct pf_arrival arrival;
    size_t n;

    assert_int_equal(offer(w, letters, LETTERS, &n), PF_AGAIN);
    assert_int_equal(n, 1);
    assert_int_equal(offer(w, letters + 1, LETTERS - 1, &n), PF_AGAIN);
    assert_int_equal(n, 0);
    assert_int_equal(flush(w, &arrival), PF_OK);
    assert_int_equal(offer(w, letters + 1, LETTERS - 1, &n), PF_AGAIN);
    assert_int_equal(n, MOST);
    assert_int_equal(flush(w, &arrival), PF_OK);
    assert_int_equal(arrival.records, MOST + 1);
}

/* Those that arrive after it make no room: it may be the refused one. */
static void from_the_oldest_under_way_on_there_are_only_some(void **state)
{
    struct world *w = *state;
    const struct pf_record *letters;
    struct pf_arrival arrival;
    size_t taken = 0, n;

    assert_int_equal(send_three(w, "dead", 4, &arrival), PF_OK);
    letters = make(w, "dead", 4, LETTERS);
    /* Partition 0 has the second letter, alone, and 1 all others. */
    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 1, 60000);
    do {
        enum pf_rc rc = offer(w, letters + taken, LETTERS - taken, &n);

        assert_int_equal(rc, PF_AGAIN);
        taken += n;
        rc = w->sink->ops->flush(w->sink, 5000, &arrival, &w->err);
        assert_int_equal(rc, PF_AGAIN);
    } while (arrival.records < 3 + MOST);
    assert_int_equal(offer(w, letters + taken, LETTERS - taken, &n), PF_AGAIN);
    assert_int_equal(taken + n, 1 + MOST);
    assert_int_equal(arrival.records, 3 + MOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_letter_that_kafka_refuses_is_named),
        TEST(a_letter_of_a_file_is_named_by_its_line),
        TEST(all_arrive_if_kafka_takes_them),
        TEST(until_one_has_arrived_each_goes_alone),
        TEST(from_the_oldest_under_way_on_there_are_only_some),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
