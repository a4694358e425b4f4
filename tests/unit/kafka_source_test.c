/* The consuming source, against librdkafka's mock of a cluster. */
#include "unit.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>

#include "kafka_source.h"

#define RECORDS 100
#define FETCH 1           /* Kafka's number of that request */
#define PATIENCE_MS 20000 /* what is waited for comes within a second */

static const struct pf_metric metrics[PF_KAFKA_METRICS] = {
    PF_KAFKA_METRIC_ROWS};

/* A cluster whose topic "t" has RECORDS records, and its producer. */
struct world {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    struct pf_stats *stats;
};

static void produce(rd_kafka_t *rk)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, "t", NULL);
    char value[] = "x";

    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value,
                                          1, NULL, 0, NULL),
                         0);
    assert_int_equal(rd_kafka_flush(rk, PATIENCE_MS), 0);
    rd_kafka_topic_destroy(topic);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[512];

    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    w->cluster = rd_kafka_handle_mock_cluster(w->rk);
    rd_kafka_mock_topic_create(w->cluster, "t", 1, 1);
    produce(w->rk);
    *state = w;
    return pf_stats_open("", metrics, PF_KAFKA_METRICS, &w->stats, NULL);
}

static int teardown(void **state)
{
    struct world *w = *state;

    pf_stats_close(w->stats);
    rd_kafka_destroy(w->rk);
    free(w);
    return 0;
}

/* Open a source that begins at the beginning, and else as start says. */
static struct pf_source *open_with(const struct world *w, const char *reset,
                                   struct pf_kafka_start start)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->cluster)},
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", reset},
        {"fetch.wait.max.ms", "10"},
        {"fetch.error.backoff.ms", "10"},
        {"log_level", "0"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct pf_source *source;

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    start.topic = "t";
    start.offset = RD_KAFKA_OFFSET_BEGINNING;
    start.stats = w->stats;
    assert_int_equal(pf_kafka_source_open(conf, &start, &source, NULL), PF_OK);
    return source;
}

static struct pf_source *open_source(const struct world *w, const char *reset,
                                     bool never_back)
{
    return open_with(w, reset,
                     (struct pf_kafka_start){.never_back = never_back});
}

/* Whatever changes is settled. */
static enum pf_rc read_or_settle(struct pf_source *source, int timeout_ms,
                                 struct pf_batch *ret, struct pf_error *err)
{
    enum pf_rc rc = source->ops->read(source, timeout_ms, ret, err);

    if (rc != PF_SETTLE)
        return rc;
    source->ops->settled(source);
    return PF_AGAIN;
}

/* The next batch, whose offsets have to grow. */
static enum pf_rc read_one(struct pf_source *source, struct pf_batch *ret,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_AGAIN;

    for (int i = 0; rc == PF_AGAIN && i < PATIENCE_MS / 100; i++)
        rc = read_or_settle(source, 100, ret, err);
    for (size_t i = 1; !rc && i < ret->n; i++)
        assert_true(ret->records[i].offset > ret->records[i - 1].offset);
    return rc;
}

/* Read up to that position, from *from on. */
static void read_to(struct pf_source *source, int64_t from, int64_t to)
{
    struct pf_batch batch;

    for (; from < to; from += (int64_t)batch.n) {
        assert_int_equal(read_one(source, &batch, NULL), PF_OK);
        assert_int_equal(batch.records[0].offset, from);
    }
    assert_int_equal(from, to);
}

/* Have the broker say that it does not have the consumer's position; twice,
 * because at the end of the topic librdkafka may take the first answer for the
 * news that this is the end. */
static void forget_position(const struct world *w)
{
    rd_kafka_mock_push_request_errors(w->cluster, FETCH, 2,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
}

static void a_topic_created_again_is_read_from_its_beginning(void **state)
{
    static const char *const resets[] = {"earliest", "latest"};
    const struct world *w = *state;

    for (size_t i = 0; i < 2; i++) {
        struct pf_source *source = open_source(w, resets[i], false);

        read_to(source, 0, RECORDS);
        forget_position(w);
        read_to(source, 0, RECORDS);
        pf_source_close(source);
    }
}

static void never_back_ends_there(void **state)
{
    const struct world *w = *state;
    struct pf_source *source = open_source(w, "earliest", true);
    struct pf_batch batch;
    struct pf_error err;

    read_to(source, 0, RECORDS);
    forget_position(w);
    assert_int_equal(read_one(source, &batch, &err), PF_IO);
    assert_contains(err.text, "t [0] goes on at offset 0, not at 100");
    pf_source_close(source);
}

static void a_commit_may_be_in_the_middle_of_the_last_batch(void **state)
{
    const struct world *w = *state;
    struct pf_source *source = open_source(w, "earliest", false);
    const _Atomic uint64_t *position = pf_stats_at(w->stats, PF_KAFKA_POSITION);
    struct pf_batch batch;

    for (int64_t at = 0; at < RECORDS; at += (int64_t)batch.n) {
        assert_int_equal(read_one(source, &batch, NULL), PF_OK);
        assert_int_equal(batch.ticket, at + (int64_t)batch.n);
        source->ops->commit(source, batch.ticket - batch.n);
        assert_int_equal(*position, at);
        for (uint64_t i = 1; i <= batch.n; i++) {
            source->ops->commit(source, (uint64_t)at + i);
            assert_int_equal(*position, at + (int64_t)i);
        }
    }
    pf_source_close(source);
}

/* Read on until the source knows that there is nothing more. */
static void read_to_the_end(struct pf_source *source)
{
    struct pf_batch batch;

    for (int i = 0; i < PATIENCE_MS / 100; i++) {
        if (pf_kafka_source_at_end(source, "t", 0))
            return;
        assert_int_equal(read_or_settle(source, 100, &batch, NULL), PF_AGAIN);
    }
    fail_msg("the end was not seen");
}

/* More records than a batch holds: after the first one it is not at the end. */
static void a_batch_has_no_more_than_it_may(void **state)
{
    struct world *w = *state;
    struct pf_source *source = open_with(w, "earliest",
                                         (struct pf_kafka_start){.most = 1});
    struct pf_batch batch;

    for (int i = 0; i < RECORDS; i++) {
        assert_int_equal(read_one(source, &batch, NULL), PF_OK);
        assert_int_equal(batch.n, 1);
        assert_int_equal(batch.records[0].offset, i);
    }
    pf_source_close(source);
}

static void it_knows_whether_a_partition_is_at_its_end(void **state)
{
    struct world *w = *state;
    struct pf_source *source;
    struct pf_batch batch;
    size_t n = RECORDS;

    for (; n < 1500; n += RECORDS)
        produce(w->rk);
    source = open_source(w, "error", false);
    assert_false(pf_kafka_source_at_end(source, "t", 0));
    assert_int_equal(read_one(source, &batch, NULL), PF_OK);
    assert_false(pf_kafka_source_at_end(source, "t", 0));
    read_to(source, (int64_t)batch.n, (int64_t)n);
    read_to_the_end(source);
    assert_false(pf_kafka_source_at_end(source, "t", 1));
    assert_false(pf_kafka_source_at_end(source, "u", 0));
    pf_source_close(source);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_topic_created_again_is_read_from_its_beginning),
        TEST(never_back_ends_there),
        TEST(a_commit_may_be_in_the_middle_of_the_last_batch),
        TEST(a_batch_has_no_more_than_it_may),
        TEST(it_knows_whether_a_partition_is_at_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
