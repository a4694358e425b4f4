/* The transactional sink, against librdkafka's mock of a cluster: what it does
 * when Kafka fails it. */
#include "mock_cluster.h"

#include <poll.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "dead_letters.h"
#include "kafka_source.h"
#include "kafka_tx_sink.h"

#define PATIENCE_MS 20000
#define PARTITIONS 20 /* of the topic that is written to */

/* By how much the wall clock is set forward, in seconds: as after a machine has
 * slept that long. */
static atomic_int slept_s;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, ret);

    if (!rc && clock == CLOCK_REALTIME)
        ret->tv_sec += slept_s;
    return rc;
}

/* Numbers of requests in Kafka's protocol. */
enum {
    PRODUCE = 0,
    INIT_PRODUCER_ID = 22,
    ADD_PARTITIONS = 24,
    END_TXN = 26,
    TXN_OFFSET_COMMIT = 28,
};

/* A cluster, a source that is a member of its group, and the sink. */
struct world {
    struct cluster cluster;
    struct pf_source *source;
    struct pf_sink *sink;
    struct pf_arrival arrival;
    struct pf_error err;
};

static rd_kafka_conf_t *conf_with(struct cluster c,
                                  const char *const (*settings)[2], size_t n)
{
    rd_kafka_conf_t *conf = cluster_conf(c);

    for (size_t i = 0; i < n; i++)
        assert_int_equal(
            rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0),
            RD_KAFKA_CONF_OK);
    return conf;
}

static struct world world; /* of all tests: a group takes seconds to begin */

static int open_sink_that(void **state, bool refuses)
{
    static const char *const settings[][2] = {
        {"transactional.id", "g-one"},
        {"transaction.timeout.ms", "10000"},
        {"linger.ms", "1"},
        {"queue.buffering.max.messages", "100"},
        {"topic.metadata.refresh.interval.ms", "50"},
    };

    struct world *w = *state = &world;

    assert_int_equal(pf_kafka_tx_sink_open(
                         conf_with(w->cluster, settings, COUNT(settings)),
                         &(struct pf_kafka_target){.topic = "out",
                                                   .dead_letters = "dead",
                                                   .moves = true,
                                                   .refuses = refuses},
                         pf_kafka_source_client(w->source), &w->sink, &w->err),
                     PF_OK);
    return 0;
}

static int open_sink(void **state)
{
    return open_sink_that(state, false);
}

static int open_sink_that_goes_on(void **state)
{
    return open_sink_that(state, true);
}

static int close_sink(void **state)
{
    struct world *w = *state;

    pf_sink_close(w->sink);
    w->sink = NULL;
    return 0;
}

/* The source is a member once it has its partition. */
static void join(struct world *w)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct pf_batch batch;
    enum pf_rc rc = PF_AGAIN;

    while (rc == PF_AGAIN && pf_now_ms() < deadline)
        rc = w->source->ops->read(w->source, 50, &batch, &w->err);
    assert_int_equal(rc, PF_SETTLE);
    assert_int_equal(w->source->ops->change(w->source)->n_come, 1);
    w->source->ops->settled(w->source);
}

/* Broker 1 has all. The other one can tell what it knows of the topics. */
static void lead_all(rd_kafka_mock_cluster_t *mock)
{
    static const char *const topics[] = {"in", "out", "dead"};

    for (size_t i = 0; i < COUNT(topics); i++) {
        int n = strcmp(topics[i], "out") ? 1 : PARTITIONS;

        rd_kafka_mock_topic_create(mock, topics[i], n, 1);
        for (int p = 0; p < n; p++)
            rd_kafka_mock_partition_set_leader(mock, topics[i], p, 1);
    }
    rd_kafka_mock_coordinator_set(mock, "group", "g", 1);
    rd_kafka_mock_coordinator_set(mock, "transaction", "g-one", 1);
    rd_kafka_mock_coordinator_set(mock, "transaction", "g-one/2", 1);
}

static int make_world(void **state)
{
    static const char *const settings[][2] = {
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},
        {"partition.assignment.strategy", "range"},
        {"session.timeout.ms", "6000"},
        {"heartbeat.interval.ms", "100"},
    };
    struct world *w = *state = &world;
    const struct pf_kafka_start start = {.topic = "in",
                                         .group = true,
                                         .offset = RD_KAFKA_OFFSET_STORED,
                                         .kept = true};

    w->cluster = begin_cluster(2);
    lead_all(w->cluster.mock);
    assert_int_equal(
        pf_kafka_source_open(conf_with(w->cluster, settings, COUNT(settings)),
                             &start, &w->source, &w->err),
        PF_OK);
    join(w);
    return 0;
}

static int free_world(void **state)
{
    (void)state;
    pf_source_close(world.source);
    end_cluster(world.cluster);
    return 0;
}

/* Flush for that long, or until that is something else than PF_AGAIN. */
static enum pf_rc flush_for(struct world *w, int ms)
{
    int64_t deadline = pf_now_ms() + ms;
    enum pf_rc rc;

    do
        rc = w->sink->ops->flush(w->sink, 20, &w->arrival, &w->err);
    while (rc == PF_AGAIN && pf_now_ms() < deadline);
    return rc;
}

static enum pf_rc flush(struct world *w)
{
    return flush_for(w, PATIENCE_MS);
}

/* Write n records, in all there is room for. */
static enum pf_rc write_to(struct world *w, int32_t partition, size_t n)
{
    const struct pf_record record = {.topic = "in",
                                     .partition = partition,
                                     .timestamp = -1,
                                     .value = "a",
                                     .value_len = 1};
    enum pf_rc rc = flush(w);
    size_t taken;

    while (n && !rc) {
        rc = w->sink->ops->write(w->sink, &record, 1, 1, &taken, &w->err);
        n -= taken;
        if (rc == PF_AGAIN)
            rc = flush(w);
    }
    return rc;
}

static enum pf_rc write_n(struct world *w, size_t n)
{
    return write_to(w, 0, n);
}

static enum pf_rc keep(struct world *w, int64_t offset, const char *metadata)
{
    const struct pf_partition position = {
        .topic = "in", .offset = offset, .metadata = metadata, .from = -1};

    return w->sink->ops->keep(w->sink, &position, 1, &w->err);
}

/* Where the sink says that the input goes on. */
static struct pf_partition find(struct world *w)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct pf_partition p = {.topic = "in", .offset = -2, .from = -1};
    enum pf_rc rc;

    do
        rc = w->sink->ops->position(w->sink, &p, 100, &w->err);
    while (rc == PF_AGAIN && pf_now_ms() < deadline);
    assert_int_equal(rc, PF_OK);
    return p;
}

static void push_error(struct world *w, int request, rd_kafka_resp_err_t why)
{
    rd_kafka_mock_push_request_errors(w->cluster.mock, (int16_t)request, 1,
                                      why);
}

static void records_are_final_with_the_position(void **state)
{
    struct world *w = *state;
    struct pf_partition p = find(w);

    assert_int_equal(p.offset, -1); /* it is the first test */
    assert_null(p.metadata);
    assert_int_equal(write_n(w, 10), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_true(w->arrival.through == PF_TICKET_ALL);
    assert_int_equal(w->arrival.records, 0); /* nobody can read them yet */
    assert_int_equal(keep(w, 7, "a window"), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 10);

    /* A transaction without a record. */
    assert_int_equal(keep(w, 9, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 10);
}

static void more_than_it_has_room_for_waits(void **state)
{
    struct world *w = *state;

    assert_int_equal(write_n(w, 1000), PF_OK);
    assert_int_equal(keep(w, 1000, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 1000);
}

/* Does the sink say that something is under way? */
static void assert_under_way(struct world *w)
{
    assert_int_equal(w->sink->ops->flush(w->sink, 0, &w->arrival, &w->err),
                     PF_AGAIN);
    assert_true(w->arrival.through == 0);
}

/* Write n records, and have them kept, with answers that take long; meanwhile
 * write some more. */
static void write_while_it_keeps(struct world *w, size_t n, size_t more)
{
    const struct pf_record record = {
        .topic = "in", .timestamp = -1, .value = "a", .value_len = 1};

    assert_int_equal(write_n(w, n), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 1, 100);
    assert_int_equal(keep(w, 1, NULL), PF_OK);
    for (size_t i = 0; i < more; i++) {
        size_t taken = 0;

        assert_int_equal(
            w->sink->ops->write(w->sink, &record, 1, 1, &taken, &w->err),
            PF_OK);
        assert_int_equal(taken, 1);
    }
    assert_under_way(w);
    assert_int_equal(w->arrival.records, 0);
    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 1, 0);
}

static void takes_the_next_ones_while_it_keeps(void **state)
{
    struct world *w = *state;

    write_while_it_keeps(w, 2, 3);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 2);
    assert_int_equal(keep(w, 5, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 5);
}

/* Else those that follow might be in their partition before them. */
static void is_not_through_before_all_are_in_their_topic(void **state)
{
    struct world *w = *state;

    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 1, 200);
    assert_int_equal(write_n(w, 1), PF_OK);
    assert_under_way(w);
    rd_kafka_mock_broker_set_rtt(w->cluster.mock, 1, 0);
    assert_int_equal(flush(w), PF_OK);
}

/* It would have a position after records that are not there. */
static void what_follows_a_failed_one_is_taken_back_with_it(void **state)
{
    struct world *w = *state;

    push_error(w, TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
    write_while_it_keeps(w, 2, 3);
    assert_int_equal(flush(w), PF_ABORTED);
    assert_int_equal(w->arrival.records, 0);
    assert_int_equal(flush(w), PF_OK); /* nothing is left of either */
    assert_int_equal(write_n(w, 5), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 5, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 5);
}

static void what_is_lost_meanwhile_is_taken_back_alone(void **state)
{
    struct world *w = *state;

    write_while_it_keeps(w, 2, 3);
    w->sink->ops->abort(w->sink);
    assert_int_equal(flush(w), PF_ABORTED);
    assert_int_equal(w->arrival.records, 2);
    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 5, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 5);
}

static void what_is_aborted_is_taken_back_and_done_again(void **state)
{
    struct world *w = *state;

    w->sink->ops->abort(w->sink); /* there is nothing */
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(write_n(w, 10), PF_OK);
    w->sink->ops->abort(w->sink);
    assert_int_equal(flush(w), PF_ABORTED);
    assert_int_equal(w->arrival.records, 0);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(write_n(w, 10), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 10, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 10);
}

/* Of what a group does not let it commit, nothing is final. */
static void a_member_of_the_past_commits_nothing(void **state)
{
    static const rd_kafka_resp_err_t refusals[] = {
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID};
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(refusals); i++) {
        assert_int_equal(write_n(w, 10), PF_OK);
        assert_int_equal(flush(w), PF_OK);
        push_error(w, TXN_OFFSET_COMMIT, refusals[i]);
        assert_int_equal(keep(w, 10, NULL), PF_OK);
        assert_int_equal(flush(w), PF_ABORTED);
        assert_int_equal(w->arrival.records, 0);
    }
}

/* The member is not one any more, and does not know that of itself yet: Kafka
 * would take a position without a generation unchecked. */
static void a_member_that_was_thrown_out_commits_nothing(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    rd_kafka_t *consumer = pf_kafka_source_client(w->source);

    assert_int_equal(write_n(w, 10), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    push_error(w, 12 /* Heartbeat */, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    while (!rd_kafka_assignment_lost(consumer) && pf_now_ms() < deadline)
        poll(NULL, 0, 10);
    assert_true(rd_kafka_assignment_lost(consumer));
    assert_int_equal(keep(w, 10, NULL), PF_OK);
    assert_int_equal(flush(w), PF_ABORTED);
}

static void passing_failures_are_passed(void **state)
{
    static const struct {
        int request;
        rd_kafka_resp_err_t why;
    } failures[] = {
        {ADD_PARTITIONS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS},
        {TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
        {END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
        {PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION},
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(failures); i++) {
        push_error(w, failures[i].request, failures[i].why);
        assert_int_equal(write_n(w, 1), PF_OK);
        assert_int_equal(flush(w), PF_OK);
        assert_int_equal(keep(w, (int64_t)i, NULL), PF_OK);
        assert_int_equal(flush(w), PF_OK);
        assert_int_equal(w->arrival.records, i + 1);
    }
}

static void a_fenced_producer_says_who_is_there(void **state)
{
    struct world *w = *state;

    assert_int_equal(write_n(w, 1), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    push_error(w, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(keep(w, 1, NULL), PF_OK);
    assert_int_equal(flush(w), PF_FATAL);
    assert_contains(w->err.text, "feed.instance");
    assert_int_equal(flush(w), PF_FATAL);
}

/* Each of both can be the one that notices. */
static void so_does_the_other_producer(void **state)
{
    struct world *w = *state;

    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 1, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    push_error(w, ADD_PARTITIONS, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(write_n(w, 1), PF_OK);
    assert_int_equal(flush(w), PF_FATAL);
    assert_contains(w->err.text, "feed.instance");
}

/* Write records into a transaction that is then older than it may be. */
static void write_and_outlast(struct world *w)
{
    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    slept_s += 11;
}

static void keep_all_of(struct world *w, size_t n, uint64_t in_all)
{
    assert_int_equal(write_n(w, n), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, (int64_t)in_all, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, in_all);
}

/* Kafka ends it, and fences who had begun it. Each of these can be where that
 * is noticed, and so can each of both producers. */
static void a_transaction_that_lasts_too_long_is_done_again(void **state)
{
    static const struct {
        int request;
        rd_kafka_resp_err_t why;
    } ways[] = {
        {END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED},
        {TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH},
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(ways); i++) {
        write_and_outlast(w);
        push_error(w, ways[i].request, ways[i].why);
        assert_int_equal(keep(w, 3, NULL), PF_OK);
        assert_int_equal(flush(w), PF_ABORTED);
        keep_all_of(w, 3, 3 * (i + 1));
    }
}

/* Such as when the group has changed as well. */
static void so_is_one_that_is_to_be_taken_back(void **state)
{
    struct world *w = *state;

    write_and_outlast(w);
    push_error(w, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    w->sink->ops->abort(w->sink);
    assert_int_equal(flush(w), PF_ABORTED);
    keep_all_of(w, 3, 3);
}

static void so_is_one_whose_records_come_too_late(void **state)
{
    struct world *w = *state;

    write_and_outlast(w);
    push_error(w, PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
    assert_int_equal(write_n(w, 1), PF_OK);
    assert_int_equal(flush(w), PF_ABORTED);
    keep_all_of(w, 4, 4);
}

/* Else two of one name would fence each other for ever. */
static void who_is_fenced_again_at_once_is_fenced_by_another(void **state)
{
    struct world *w = *state;

    write_and_outlast(w);
    push_error(w, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(keep(w, 3, NULL), PF_OK);
    assert_int_equal(flush(w), PF_ABORTED);
    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    push_error(w, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(keep(w, 3, NULL), PF_OK);
    assert_int_equal(flush(w), PF_FATAL);
    assert_contains(w->err.text, "feed.instance");
}

static void so_is_who_is_fenced_while_getting_ready(void **state)
{
    struct world *w = *state;

    write_and_outlast(w);
    push_error(w, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    push_error(w, INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(keep(w, 3, NULL), PF_OK);
    assert_int_equal(flush(w), PF_FATAL);
    assert_contains(w->err.text, "feed.instance");
}

/* Longer than one call of librdkafka's may. After it, the mock's broker knows
 * no other failures of that request. */
static void a_slow_commit_is_waited_for(void **state)
{
    struct world *w = *state;

    assert_int_equal(write_n(w, 1), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    rd_kafka_mock_broker_push_request_error_rtts(
        w->cluster.mock, 1, END_TXN, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 1300);
    assert_int_equal(keep(w, 1, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 1);
}

static void a_record_that_kafka_never_takes_ends_it(void **state)
{
    struct world *w = *state;

    push_error(w, PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(flush(w), PF_UNDELIVERED);
    assert_contains(w->err.text, "out: ");
    assert_contains(w->err.text, "set message.max.bytes");
}

static enum pf_rc write_and_keep(struct world *w)
{
    enum pf_rc rc = write_n(w, 1);

    if (!rc)
        rc = flush(w);
    if (!rc)
        rc = keep(w, 3, NULL);
    return rc ? rc : flush(w);
}

/* Its transaction is taken back. */
static void a_record_that_kafka_never_takes_need_not_end_it(void **state)
{
    struct world *w = *state;
    struct pf_error why;

    for (uint64_t kept = 0; kept < 2; kept++) {
        push_error(w, PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
        assert_int_equal(write_n(w, 1), PF_OK);
        assert_int_equal(flush(w), PF_ABORTED);
        assert_int_equal(w->arrival.records, kept);
        assert_true(w->sink->ops->refused(w->sink, &why));
        assert_contains(why.text, "a record of 1 bytes for out, which takes ");
        assert_false(w->sink->ops->refused(w->sink, &why));

        /* librdkafka may have skipped a sequence number. */
        if (write_and_keep(w) == PF_ABORTED) {
            assert_false(w->sink->ops->refused(w->sink, &why));
            assert_int_equal(write_and_keep(w), PF_OK);
        }
        assert_int_equal(w->arrival.records, kept + 1);
    }
}

static void a_record_that_kafka_does_not_take_now_is_done_again(void **state)
{
    struct world *w = *state;
    enum pf_rc rc;

    push_error(w, PRODUCE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
    rc = write_n(w, 3);
    assert_int_equal(rc ? rc : flush(w), PF_ABORTED);
    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 3, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 3);
}

/* How many offsets the topic has. */
static int64_t count(struct world *w, const char *topic)
{
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, cluster_conf(w->cluster),
                                  NULL, 0);
    int64_t low = 0, high = 0;

    assert_int_equal(
        rd_kafka_query_watermark_offsets(rk, topic, 0, &low, &high, 5000), 0);
    rd_kafka_destroy(rk);
    return high - low;
}

/* For a moment, a broker that has just begun knows no partition. */
static void a_partition_that_is_not_known_is_waited_for(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < 3; i++) {
        enum pf_rc rc = write_to(w, PARTITIONS, 3);

        assert_int_equal(rc ? rc : flush(w), PF_ABORTED);
    }
    assert_int_equal(write_to(w, 0, 3), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 3, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 3);
}

/* The next records get to the same broker before it knows their topic, but that
 * takes long. */
static void answer_late(struct world *w)
{
    rd_kafka_mock_broker_push_request_error_rtts(
        w->cluster.mock, 1, PRODUCE, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        600);
}

/* While they are on their way the other broker says that the topic is gone.
 * Then it is there. PF_AGAIN: they still are; else that was heard too early
 * (PF_ABORTED) or too late. */
static enum pf_rc write_while_it_is_gone(struct world *w, int32_t partition)
{
    enum pf_rc rc = write_to(w, partition, 3);

    if (!rc)
        rc = flush_for(w, 100);
    rd_kafka_mock_topic_set_error(w->cluster.mock, "out",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    if (rc == PF_AGAIN)
        rc = flush_for(w, 800);
    rd_kafka_mock_topic_set_error(w->cluster.mock, "out",
                                  RD_KAFKA_RESP_ERR_NO_ERROR);
    return rc;
}

static void what_is_under_way_to_one_arrives(void **state)
{
    struct world *w = *state;

    for (int tries = 0; tries < 4; tries++) {
        enum pf_rc rc;

        assert_int_equal(write_n(w, 3), PF_OK);
        assert_int_equal(flush(w), PF_OK);
        answer_late(w);
        rc = write_while_it_is_gone(w, 0);
        assert_true(rc == PF_AGAIN || rc == PF_OK);
    }
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 24, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(w->arrival.records, 24);
}

/* librdkafka loses the first ones of a partition, and their transaction. */
static void lose_records(struct world *w)
{
    int64_t deadline = pf_now_ms() + 3 * PATIENCE_MS;
    enum pf_rc rc = PF_OK;

    for (int32_t p = 0; rc != PF_AGAIN && pf_now_ms() < deadline; p++) {
        if (!rc)
            answer_late(w);
        rc = write_while_it_is_gone(w, p % PARTITIONS);
    }
    assert_int_equal(rc, PF_AGAIN);
}

/* Perhaps not at once: what comes late may still come. */
static void assert_all_goes_on(struct world *w)
{
    enum pf_rc rc = PF_ABORTED;

    assert_int_equal(flush(w), PF_ABORTED);
    for (int tries = 0; rc == PF_ABORTED && tries < 10; tries++)
        rc = write_and_keep(w);
    assert_int_equal(rc, PF_OK);
    assert_int_equal(w->arrival.records, 1);
}

static void what_is_lost_is_done_again_after_a_time(void **state)
{
    struct world *w = *state;

    lose_records(w);
    slept_s += 11;
    assert_all_goes_on(w);
}

static void so_is_what_is_being_taken_back(void **state)
{
    struct world *w = *state;

    lose_records(w);
    w->sink->ops->abort(w->sink);
    assert_under_way(w);
    slept_s += 11;
    assert_all_goes_on(w);
}

static void dead_letters_go_to_their_topic(void **state)
{
    struct world *w = *state;
    const struct pf_record records[2] = {
        {.topic = "in", .timestamp = -1, .value = "a", .value_len = 1}};
    const struct pf_batch batch = {.records = records, .n = 2};
    const struct pf_refusal refusals[2] = {
        {.record = &records[0], .kind = "json"},
        {.record = &records[1], .kind = "json"}};
    struct pf_dead_letters dead = {0};
    struct pf_output letters;
    size_t taken;

    int64_t before = count(w, "out");

    assert_int_equal(write_n(w, 3), PF_OK);
    assert_int_equal(
        pf_dead_letters_make(&dead, &batch, refusals, 2, &letters, &w->err),
        PF_OK);
    assert_int_equal(w->sink->ops->write(w->sink, letters.records, letters.n, 1,
                                         &taken, &w->err),
                     PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(keep(w, 5, NULL), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    assert_int_equal(count(w, "out"), before + 3);
    assert_int_equal(count(w, "dead"), 2);
    pf_dead_letters_release(&dead);
}

/* Kafka is away when the program ends. */
static void closes_soon_without_a_broker(void **state)
{
    struct world *w = *state;
    int64_t began;

    assert_int_equal(write_n(w, 1), PF_OK);
    assert_int_equal(flush(w), PF_OK);
    rd_kafka_mock_broker_set_down(w->cluster.mock, 1);
    assert_int_equal(keep(w, 1, NULL), PF_OK);
    began = pf_now_ms();
    assert_int_equal(w->sink->ops->flush(w->sink, 100, &w->arrival, &w->err),
                     PF_AGAIN);
    pf_sink_close(w->sink);
    w->sink = NULL;
    assert_true(pf_now_ms() - began < 2000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sink, close_sink)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_are_final_with_the_position),
        TEST(more_than_it_has_room_for_waits),
        TEST(takes_the_next_ones_while_it_keeps),
        TEST(is_not_through_before_all_are_in_their_topic),
        TEST(what_follows_a_failed_one_is_taken_back_with_it),
        TEST(what_is_lost_meanwhile_is_taken_back_alone),
        TEST(what_is_aborted_is_taken_back_and_done_again),
        TEST(a_member_of_the_past_commits_nothing),
        TEST(passing_failures_are_passed),
        TEST(a_fenced_producer_says_who_is_there),
        TEST(so_does_the_other_producer),
        TEST(a_transaction_that_lasts_too_long_is_done_again),
        TEST(so_is_one_that_is_to_be_taken_back),
        TEST(so_is_one_whose_records_come_too_late),
        TEST(who_is_fenced_again_at_once_is_fenced_by_another),
        TEST(so_is_who_is_fenced_while_getting_ready),
        TEST(a_slow_commit_is_waited_for),
        TEST(a_record_that_kafka_never_takes_ends_it),
        cmocka_unit_test_setup_teardown(
            a_record_that_kafka_never_takes_need_not_end_it,
            open_sink_that_goes_on, close_sink),
        TEST(a_record_that_kafka_does_not_take_now_is_done_again),
        TEST(a_partition_that_is_not_known_is_waited_for),
        TEST(what_is_under_way_to_one_arrives),
        TEST(what_is_lost_is_done_again_after_a_time),
        TEST(so_is_what_is_being_taken_back),
        TEST(dead_letters_go_to_their_topic),
        TEST(a_member_that_was_thrown_out_commits_nothing),
        TEST(closes_soon_without_a_broker),
    };

    return cmocka_run_group_tests(tests, make_world, free_world);
}
