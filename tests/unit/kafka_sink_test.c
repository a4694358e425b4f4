/* The producing sink, against librdkafka's mock of a cluster. */
#include "mock_cluster.h"

#include "clock.h"
#include "kafka_sink.h"

/* Flush until that is something else than PF_AGAIN. */
static enum pf_rc flush(struct pf_sink *sink, struct pf_arrival *ret,
                        struct pf_error *err)
{
    enum pf_rc rc;

    do
        rc = sink->ops->flush(sink, 5000, ret, err);
    while (rc == PF_AGAIN);
    return rc;
}

/* What is said of a record that this cluster refuses so. */
static void refuse(const struct cluster *c, rd_kafka_resp_err_t why,
                   struct pf_error *err)
{
    enum { PRODUCE = 0 }; /* the request's number in Kafka's protocol */
    const struct pf_record record = {
        .timestamp = -1, .value = "a", .value_len = 1};
    rd_kafka_conf_t *conf = cluster_conf(*c);
    struct pf_sink *sink;
    struct pf_arrival arrival;
    size_t n;

    rd_kafka_mock_push_request_errors(c->mock, PRODUCE, 1, why);
    assert_int_equal(pf_kafka_sink_open(conf,
                                        &(struct pf_kafka_target){.topic = "t"},
                                        &sink, err),
                     PF_OK);
    assert_int_equal(sink->ops->write(sink, &record, 1, 1, &n, err), PF_OK);
    assert_int_equal(flush(sink, &arrival, err), PF_UNDELIVERED);
    assert_true(arrival.through == 0);
    pf_sink_close(sink);
}

static void says_what_helps_when_kafka_refuses_a_record(void **state)
{
    static const struct {
        rd_kafka_resp_err_t why;
        const char *remedy;
    } refusals[] = {
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "; set message.max.bytes of "},
        {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, "; set batch.size of the "},
        {RD_KAFKA_RESP_ERR_INVALID_RECORD, "each record needs a key"},
        {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, "or feed.replay.restamp"},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "right to WRITE to "},
        {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "; a policy of the broker "},
        {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, "; set acks of"},
        {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, "; set another "},
    };
    struct cluster c = begin_cluster(1);
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        refuse(&c, refusals[i].why, &err);
        assert_contains(err.text, rd_kafka_err2str(refusals[i].why));
        assert_contains(err.text, refusals[i].remedy);
    }
    end_cluster(c);
}

/* Where the record with that key came; noted in the order of the keys. */
static void note_partition(void *context, const struct pf_report *report)
{
    int32_t *partitions = context;

    assert_int_equal(report->fate, PF_ACKED);
    partitions[report->number] = report->partition;
}

static void the_key_decides_if_the_record_says_so(void **state)
{
    static const char *const keys[] = {"21", "foobar", "abc", "100", "999"};
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct pf_record records[2 * COUNT(keys)];
    int32_t partitions[COUNT(records)];
    struct pf_arrival arrival;
    struct pf_sink *sink;
    size_t n;

    (void)state;
    rd_kafka_mock_topic_create(c.mock, "t", 3, 1);
    rd_kafka_conf_set(conf, "partitioner", "murmur2_random", NULL, 0);
    for (size_t i = 0; i < COUNT(records); i++)
        records[i] = (struct pf_record){
            .partition = PF_BY_KEY,
            .timestamp = i % 2 ? -1 : 1000, /* one by one, and in batches */
            .key = keys[i / 2],
            .key_len = strlen(keys[i / 2]),
            .value = "x",
            .value_len = 1};
    assert_int_equal(pf_kafka_sink_open(
                         conf,
                         &(struct pf_kafka_target){.topic = "t",
                                                   .on_report = note_partition,
                                                   .context = partitions},
                         &sink, NULL),
                     PF_OK);
    assert_int_equal(
        sink->ops->write(sink, records, COUNT(records), 1, &n, NULL), PF_OK);
    flush(sink, &arrival, NULL);
    assert_int_equal(arrival.records, COUNT(records));
    pf_sink_close(sink);
    for (size_t i = 0; i < COUNT(records); i++)
        assert_int_equal(partitions[i], rd_kafka_msg_partitioner_murmur2(
                                            NULL, records[i].key,
                                            records[i].key_len, 3, NULL, NULL));
    end_cluster(c);
}

static void records_of_no_partition_wait_for_their_topic(void **state)
{
    const struct pf_record record = {
        .partition = PF_BY_KEY, .timestamp = -1, .value = "x", .value_len = 1};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int64_t end_ms = pf_now_ms() + 3500; /* a wait is logged after 3 s */
    struct pf_arrival arrival;
    struct pf_sink *sink;
    struct heard heard;
    size_t n;

    (void)state;
    rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    assert_int_equal(pf_kafka_sink_open(conf,
                                        &(struct pf_kafka_target){.topic = "t"},
                                        &sink, NULL),
                     PF_OK);
    assert_int_equal(sink->ops->write(sink, &record, 1, 1, &n, NULL), PF_OK);
    begin_to_listen(&heard);
    while (pf_now_ms() < end_ms)
        sink->ops->flush(sink, 100, &arrival, NULL);
    end_to_listen(&heard);
    pf_kafka_sink_give_up(sink);
    pf_sink_close(sink);
    assert_contains(heard.text, " 1 records wait for t: is the broker up");
}

/* How many records partition 0 of the topic has. */
static int64_t count(rd_kafka_t *rk, const char *topic)
{
    int64_t low = 0, high = 0;

    assert_int_equal(
        rd_kafka_query_watermark_offsets(rk, topic, 0, &low, &high, 5000), 0);
    return high - low;
}

/* Every third record has no topic, the first ten have headers. */
static void each_record_goes_to_its_topic(void **state)
{
    static const struct pf_headers no_headers;
    static const char one[] = "one", other[] = "other";
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct pf_record records[90];
    rd_kafka_t *rk;
    struct pf_arrival arrival;
    struct pf_sink *sink;
    struct pf_error err;
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(records); i++)
        records[i] = (struct pf_record){.topic = i % 3 == 0   ? NULL
                                                 : i % 3 == 1 ? one
                                                              : other,
                                        .timestamp = -1,
                                        .value = "a",
                                        .value_len = 1,
                                        .headers = i < 10 ? &no_headers : NULL,
                                        .header_at = pf_headers_at};
    rd_kafka_mock_topic_create(c.mock, "own", 1, 1);
    rd_kafka_mock_topic_create(c.mock, "one", 1, 1);
    rd_kafka_mock_topic_create(c.mock, "other", 1, 1);
    assert_int_equal(
        pf_kafka_sink_open(conf, &(struct pf_kafka_target){.topic = "own"},
                           &sink, &err),
        PF_OK);
    assert_int_equal(sink->ops->write(sink, records, 50, 1, &n, &err), PF_OK);
    assert_int_equal(sink->ops->write(sink, records + 50, 40, 2, &n, &err),
                     PF_OK);
    assert_int_equal(flush(sink, &arrival, &err), PF_OK);
    assert_int_equal(arrival.records, 90);
    assert_true(arrival.through == PF_TICKET_ALL);
    pf_sink_close(sink);

    conf = cluster_conf(c);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
    assert_int_equal(count(rk, "own"), 30);
    assert_int_equal(count(rk, "one"), 30);
    assert_int_equal(count(rk, "other"), 30);
    rd_kafka_destroy(rk);
    end_cluster(c);
}

static void none_is_taken_after_one_that_is_too_large(void **state)
{
    static char large[2000];
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct pf_record records[5];
    struct pf_arrival arrival;
    struct pf_error err;
    struct pf_sink *sink;
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(records); i++)
        records[i] = (struct pf_record){
            .timestamp = -1, .value = large, .value_len = i == 2 ? 2000 : 1};
    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    rd_kafka_conf_set(conf, "message.max.bytes", "1000", NULL, 0);
    assert_int_equal(pf_kafka_sink_open(conf,
                                        &(struct pf_kafka_target){.topic = "t"},
                                        &sink, &err),
                     PF_OK);
    assert_int_equal(sink->ops->write(sink, records, 5, 1, &n, &err), PF_IO);
    assert_int_equal(n, 2);
    assert_int_equal(flush(sink, &arrival, &err), PF_OK);
    assert_int_equal(arrival.records, 2);
    assert_int_equal(pf_kafka_sink_give_up(sink).delivered, 2);
    pf_sink_close(sink);
    end_cluster(c);
}

/* A sink to the topic t that goes on after a record which is refused for what
 * it is. */
static struct pf_sink *open_refusing(rd_kafka_conf_t *conf)
{
    const struct pf_kafka_target target = {.topic = "t", .refuses = true};
    struct pf_sink *sink;
    struct pf_error err;

    assert_int_equal(pf_kafka_sink_open(conf, &target, &sink, &err), PF_OK);
    return sink;
}

/* It is taken back, with what was taken since, and the sink goes on. */
static void a_record_that_is_refused_need_not_be_the_end(void **state)
{
    static char large[2000];
    struct cluster c = begin_cluster(1);
    rd_kafka_conf_t *conf = cluster_conf(c);
    const struct pf_record records[] = {
        {.timestamp = -1, .value = large, .value_len = 1},
        {.timestamp = -1, .value = large, .value_len = 2000},
        {.timestamp = -1, .value = large, .value_len = 3}};
    struct pf_arrival arrival;
    struct pf_error err;
    struct pf_sink *sink;
    size_t n;

    (void)state;
    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    rd_kafka_conf_set(conf, "message.max.bytes", "1000", NULL, 0);
    sink = open_refusing(conf);
    assert_int_equal(sink->ops->write(sink, records, 3, 1, &n, &err), PF_AGAIN);
    assert_int_equal(n, 1);
    /* Until nothing is under way, it takes no more. */
    assert_int_equal(sink->ops->write(sink, &records[2], 1, 1, &n, &err),
                     PF_AGAIN);
    assert_int_equal(n, 0);
    assert_int_equal(flush(sink, &arrival, &err), PF_ABORTED);
    assert_true(arrival.through == 0);
    assert_true(sink->ops->refused(sink, &err));
    assert_string_equal(err.text, "a record of 2000 bytes for t, and "
                                  "message.max.bytes of the producer allows "
                                  "1000");
    assert_false(sink->ops->refused(sink, &err));

    /* By the broker: all of them. */
    rd_kafka_mock_push_request_errors(c.mock, 0 /* Produce */, 1,
                                      RD_KAFKA_RESP_ERR_INVALID_RECORD);
    assert_int_equal(sink->ops->write(sink, &records[2], 1, 2, &n, &err),
                     PF_OK);
    assert_int_equal(flush(sink, &arrival, &err), PF_ABORTED);
    assert_true(sink->ops->refused(sink, &err));
    assert_contains(err.text, "each record needs a key");
    assert_int_equal(sink->ops->write(sink, &records[2], 1, 3, &n, &err),
                     PF_OK);
    assert_int_equal(flush(sink, &arrival, &err), PF_OK);
    assert_true(arrival.through == PF_TICKET_ALL);
    assert_int_equal(arrival.records, 2);
    pf_sink_close(sink);
    end_cluster(c);
}

/* Where records are taken back that are refused for what they are. */
static void one_that_is_refused_for_another_reason_is_not_through(void **state)
{
    struct cluster c = begin_cluster(1);
    const struct pf_record record = {
        .timestamp = -1, .value = "a", .value_len = 1};
    struct pf_arrival arrival;
    struct pf_error err;
    struct pf_sink *sink;
    size_t n;

    (void)state;
    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    sink = open_refusing(cluster_conf(c));
    assert_int_equal(sink->ops->write(sink, &record, 1, 1, &n, &err), PF_OK);
    assert_int_equal(flush(sink, &arrival, &err), PF_OK);
    rd_kafka_mock_push_request_errors(
        c.mock, 0 /* Produce */, 1,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(sink->ops->write(sink, &record, 1, 2, &n, &err), PF_OK);
    assert_int_equal(flush(sink, &arrival, &err), PF_UNDELIVERED);
    assert_true(arrival.through == 0);
    assert_int_equal(sink->ops->flush(sink, 0, &arrival, &err), PF_UNDELIVERED);
    assert_true(arrival.through == 0);
    pf_sink_close(sink);
    end_cluster(c);
}

/* Notes the numbers of those that arrive, and counts those that do not. */
struct noted {
    uint64_t arrived[1000];
    size_t n, failed;
};

static void note_order(void *context, const struct pf_report *report)
{
    struct noted *noted = context;

    if (report->fate)
        noted->failed++;
    else
        noted->arrived[noted->n++] = report->number;
}

static struct pf_sink *open_noting(struct cluster c, struct noted *noted)
{
    rd_kafka_conf_t *conf = cluster_conf(c);
    struct pf_sink *sink;

    rd_kafka_mock_topic_create(c.mock, "t", 1, 1);
    rd_kafka_conf_set(conf, "enable.idempotence", "true", NULL, 0);
    rd_kafka_conf_set(conf, "topic.metadata.refresh.interval.ms", "50", NULL,
                      0);
    rd_kafka_conf_set(conf, "linger.ms", "60000", NULL, 0);
    assert_int_equal(
        pf_kafka_sink_open(conf,
                           &(struct pf_kafka_target){.topic = "t",
                                                     .on_report = note_order,
                                                     .context = noted},
                           &sink, NULL),
        PF_OK);
    return sink;
}

/* Write one record; false: it was not taken. */
static bool write_one(struct pf_sink *sink)
{
    static const struct pf_record record = {.timestamp = -1,
                                            .key = "k",
                                            .key_len = 1,
                                            .value = "x",
                                            .value_len = 1};
    size_t taken;
    enum pf_rc rc = sink->ops->write(sink, &record, 1, 1, &taken, NULL);

    assert_true(rc == PF_OK || rc == PF_AGAIN);
    return taken;
}

/* Write one record, and wait until it is there. */
static void arrive_one(struct pf_sink *sink)
{
    struct pf_arrival arrival;

    assert_true(write_one(sink));
    sink->ops->last(sink);
    assert_int_equal(flush(sink, &arrival, NULL), PF_OK);
}

/* The topic is said not to be there: write until the sink notices. Returns how
 * many records it took. */
static size_t write_until_it_is_gone(struct cluster c, struct pf_sink *sink)
{
    int64_t deadline = pf_now_ms() + 20000;
    struct pf_arrival arrival;
    size_t n = 0;

    rd_kafka_mock_topic_set_error(c.mock, "t",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    while (write_one(sink) && pf_now_ms() < deadline) {
        n++;
        assert_int_equal(sink->ops->flush(sink, 50, &arrival, NULL), PF_AGAIN);
    }
    return n;
}

/* One record arrives, and others are waiting when the topic is gone. */
static size_t write_and_lose_the_topic(struct cluster c, struct pf_sink *sink)
{
    size_t n = 1;

    arrive_one(sink);
    while (n < 20)
        n += write_one(sink);
    return n + write_until_it_is_gone(c, sink);
}

/* As a broker says that has just begun. */
static void a_topic_that_is_not_known_for_a_moment_is_waited_for(void **state)
{
    struct cluster c = begin_cluster(1);
    struct noted noted = {0};
    struct pf_sink *sink = open_noting(c, &noted);
    struct pf_arrival arrival;
    size_t n = write_and_lose_the_topic(c, sink);

    (void)state;
    assert_int_equal(sink->ops->flush(sink, 200, &arrival, NULL), PF_AGAIN);
    assert_false(write_one(sink));
    rd_kafka_mock_topic_set_error(c.mock, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    sink->ops->last(sink);
    assert_int_equal(flush(sink, &arrival, NULL), PF_OK);
    assert_int_equal(arrival.records, n);
    assert_true(arrival.through == PF_TICKET_ALL);
    assert_true(write_one(sink));
    sink->ops->last(sink);
    assert_int_equal(flush(sink, &arrival, NULL), PF_OK);
    assert_int_equal(noted.n, n + 1);
    assert_int_equal(noted.failed, 0);
    for (size_t i = 0; i < noted.n; i++)
        assert_int_equal(noted.arrived[i], i);
    pf_sink_close(sink);
    end_cluster(c);
}

/* Broker 1 has the topic. While records are on their way there, broker 2 says
 * that it is gone, and so does broker 1 at last. */
static void so_is_one_to_which_records_are_under_way(void **state)
{
    struct cluster c = begin_cluster(2);
    struct noted noted = {0};
    struct pf_sink *sink = open_noting(c, &noted);
    int64_t deadline = pf_now_ms() + 1500;
    struct pf_arrival arrival;

    (void)state;
    rd_kafka_mock_partition_set_leader(c.mock, "t", 0, 1);
    arrive_one(sink);
    rd_kafka_mock_broker_push_request_error_rtts(
        c.mock, 1, 0 /* Produce */, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        1000);
    assert_true(write_one(sink));
    sink->ops->last(sink);
    rd_kafka_mock_topic_set_error(c.mock, "t",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    while (pf_now_ms() < deadline)
        assert_int_equal(sink->ops->flush(sink, 50, &arrival, NULL), PF_AGAIN);
    rd_kafka_mock_topic_set_error(c.mock, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(flush(sink, &arrival, NULL), PF_OK);
    assert_int_equal(noted.n, 2);
    assert_int_equal(noted.failed, 0);
    pf_sink_close(sink);
    end_cluster(c);
}

/* Of records that may have arrived, as the connection broke. */
static void so_is_one_that_may_have_got_records(void **state)
{
    struct cluster c = begin_cluster(2);
    struct noted noted = {0};
    struct pf_sink *sink = open_noting(c, &noted);
    struct pf_arrival arrival;
    size_t n = 2;

    (void)state;
    rd_kafka_mock_partition_set_leader(c.mock, "t", 0, 1);
    arrive_one(sink);
    rd_kafka_mock_broker_set_rtt(c.mock, 1, 1000);
    assert_true(write_one(sink));
    sink->ops->last(sink);
    assert_int_equal(sink->ops->flush(sink, 50, &arrival, NULL), PF_AGAIN);
    rd_kafka_mock_broker_set_down(c.mock, 1);
    n += write_until_it_is_gone(c, sink);
    rd_kafka_mock_broker_set_rtt(c.mock, 1, 0);
    rd_kafka_mock_broker_set_up(c.mock, 1);
    rd_kafka_mock_topic_set_error(c.mock, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    sink->ops->last(sink);
    assert_int_equal(flush(sink, &arrival, NULL), PF_OK);
    assert_int_equal(noted.failed, 0);
    assert_int_equal(noted.n, n);
    for (size_t i = 0; i < noted.n; i++)
        assert_int_equal(noted.arrived[i], i);
    pf_sink_close(sink);
    end_cluster(c);
}

static void what_waits_for_such_a_topic_has_failed_at_the_end(void **state)
{
    struct cluster c = begin_cluster(1);
    struct noted noted = {0};
    struct pf_sink *sink = open_noting(c, &noted);
    size_t n = write_and_lose_the_topic(c, sink);
    struct pf_delivery d = pf_kafka_sink_give_up(sink);

    (void)state;
    assert_int_equal(d.taken, n);
    assert_int_equal(d.delivered, 1);
    assert_int_equal(d.failed, n - 1);
    assert_int_equal(noted.failed, n - 1);
    pf_sink_close(sink);
    end_cluster(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_helps_when_kafka_refuses_a_record),
        cmocka_unit_test(the_key_decides_if_the_record_says_so),
        cmocka_unit_test(records_of_no_partition_wait_for_their_topic),
        cmocka_unit_test(each_record_goes_to_its_topic),
        cmocka_unit_test(none_is_taken_after_one_that_is_too_large),
        cmocka_unit_test(a_record_that_is_refused_need_not_be_the_end),
        cmocka_unit_test(one_that_is_refused_for_another_reason_is_not_through),
        cmocka_unit_test(a_topic_that_is_not_known_for_a_moment_is_waited_for),
        cmocka_unit_test(so_is_one_to_which_records_are_under_way),
        cmocka_unit_test(so_is_one_that_may_have_got_records),
        cmocka_unit_test(what_waits_for_such_a_topic_has_failed_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
