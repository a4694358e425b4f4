/* Members of a group, against librdkafka's mock of a cluster. */
#include "unit.h"

#include "clock.h"
#include "kafka_source.h"

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h first */

#define PARTITIONS 6
#define RECORDS 300       /* in all */
#define PATIENCE_MS 20000 /* what is waited for comes within some seconds */

enum { BEGAN, POSITION, TOPIC_END, HELD_BACK, METRICS };

static const struct pf_metric metrics[METRICS] = {
    {"began_ns", "", PF_GAUGE, "nanoseconds"},
    {"position", "", PF_GAUGE, "offset"},
    {"topic_end", "", PF_GAUGE, "offset"},
    {"records_held_back", "", PF_GAUGE, "records"},
};

struct world {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
    unsigned seen[PARTITIONS][RECORDS]; /* how often each record was given */
};

struct member {
    struct pf_source *source;
    struct pf_stats *stats;
    uint64_t ticket;   /* of the last record that it was given */
    size_t partitions; /* that it has */
    bool lost;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_t *topic;

    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    w->mock = rd_kafka_handle_mock_cluster(w->rk);
    rd_kafka_mock_topic_create(w->mock, "t", PARTITIONS, 1);
    topic = rd_kafka_topic_new(w->rk, "t", NULL);
    for (int i = 0; i < RECORDS; i++) {
        char value[] = "x";

        assert_int_equal(rd_kafka_produce(topic, i % PARTITIONS,
                                          RD_KAFKA_MSG_F_COPY, value, 1, NULL,
                                          0, NULL),
                         0);
    }
    assert_int_equal(rd_kafka_flush(w->rk, PATIENCE_MS), 0);
    rd_kafka_topic_destroy(topic);
    *state = w;
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    rd_kafka_destroy(w->rk);
    free(w);
    return 0;
}

static void join(const struct world *w, struct member *m)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->mock)},
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},
        {"partition.assignment.strategy", "range"},
        {"session.timeout.ms", "6000"},
        {"heartbeat.interval.ms", "100"},
        {"fetch.wait.max.ms", "10"},
        {"log_level", "0"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    *m = (struct member){0};
    for (size_t i = 0; i < COUNT(settings); i++)
        assert_int_equal(
            rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0),
            RD_KAFKA_CONF_OK);
    assert_int_equal(pf_stats_open("", metrics, METRICS, &m->stats, NULL),
                     PF_OK);
    assert_int_equal(pf_kafka_source_open(conf,
                                          &(struct pf_kafka_start){
                                              .topic = "t",
                                              .group = true,
                                              .offset = RD_KAFKA_OFFSET_STORED,
                                              .stats = m->stats,
                                              .began_metric = BEGAN,
                                              .position_metric = POSITION,
                                              .end_metric = TOPIC_END,
                                              .held_metric = HELD_BACK},
                                          &m->source, NULL),
                     PF_OK);
}

static void leave(struct member *m)
{
    pf_source_close(m->source);
    pf_stats_close(m->stats);
}

/* Read once, and note what came. Commits what was read before a change. */
static void turn(struct world *w, struct member *m)
{
    struct pf_batch batch;
    struct pf_error err;
    struct pf_change *change;
    enum pf_rc rc = m->source->ops->read(m->source, 20, &batch, &err);

    if (rc == PF_SETTLE) {
        change = m->source->ops->change(m->source);
        m->partitions += change->n_come;
        m->partitions -= change->n_gone;
        m->lost |= change->lost;
        m->source->ops->commit(m->source, m->ticket);
        m->source->ops->settled(m->source);
        return;
    }
    assert_true(!rc || rc == PF_AGAIN);
    if (rc)
        return;
    for (size_t i = 0; i < batch.n; i++) {
        assert_string_equal(batch.records[i].topic, "t");
        w->seen[batch.records[i].partition][batch.records[i].offset]++;
    }
    m->ticket = batch.ticket;
}

/* How many records were not given. (The mock refuses a commit while its group
 * rebalances, which Kafka does not: so here they may come twice.) */
static size_t count_missing(const struct world *w)
{
    size_t n = 0;

    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; i < RECORDS / PARTITIONS; i++)
            n += !w->seen[p][i];
    return n;
}

static void one_member_reads_all_partitions(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    join(w, &m);
    while (count_missing(w) && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.ticket, RECORDS);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(*pf_stats_at(m.stats, POSITION), RECORDS);
    leave(&m);
}

static void two_members_share_them_and_nothing_is_skipped(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member a, b;

    join(w, &a);
    while (a.ticket < RECORDS / 2 && pf_now_ms() < deadline)
        turn(w, &a);
    join(w, &b);
    while ((count_missing(w) || a.partitions + b.partitions != PARTITIONS ||
            !b.partitions) &&
           pf_now_ms() < deadline) {
        turn(w, &a);
        turn(w, &b);
    }
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(a.partitions, PARTITIONS / 2);
    assert_int_equal(b.partitions, PARTITIONS / 2);
    assert_false(a.lost || b.lost);
    leave(&a);
    while (b.partitions < PARTITIONS && pf_now_ms() < deadline)
        turn(w, &b);
    assert_int_equal(b.partitions, PARTITIONS);
    leave(&b);
}

static void who_comes_later_goes_on_where_the_group_was(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    uint64_t half;
    struct member m;

    join(w, &m);
    while (m.ticket < RECORDS / 2 && pf_now_ms() < deadline)
        turn(w, &m);
    half = m.ticket;
    m.source->ops->commit(m.source, half);
    leave(&m);
    join(w, &m);
    while (m.ticket < RECORDS - half && pf_now_ms() < deadline)
        turn(w, &m);
    leave(&m);
    assert_int_equal(count_missing(w), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_member_reads_all_partitions),
        TEST(two_members_share_them_and_nothing_is_skipped),
        TEST(who_comes_later_goes_on_where_the_group_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
