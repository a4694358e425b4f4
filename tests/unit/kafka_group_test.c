/* Many partitions: as a member of a group or alone, against librdkafka's mock
 * of a cluster. */
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
    const char *reset; /* auto.offset.reset of members */
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
    unsigned seen[PARTITIONS]
                 [10 * RECORDS]; /* how often each record was given */
};

struct member {
    struct pf_source *source;
    struct pf_stats *stats;
    uint64_t ticket;   /* of the last record that it was given */
    size_t partitions; /* that it has */
    size_t changes;    /* of them */
    bool lost;
    int64_t cut;              /* where it wants to begin; 0: where it is told */
    int64_t told[PARTITIONS]; /* what it was told; of metadata, the length */
    size_t described[PARTITIONS];
};

/* What belongs to the position of a partition. */
static const char *describe(void *context, const char *topic, int32_t partition)
{
    static char text[20];

    (void)context;
    snprintf(text, sizeof text, "%s in %d", topic, (int)partition);
    return text;
}

/* n records, in turn to each partition. */
static void produce(const struct world *w, int n)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(w->rk, "t", NULL);

    for (int i = 0; i < n; i++) {
        char value[] = "x";

        assert_int_equal(rd_kafka_produce(topic, i % PARTITIONS,
                                          RD_KAFKA_MSG_F_COPY, value, 1, NULL,
                                          0, NULL),
                         0);
    }
    assert_int_equal(rd_kafka_flush(w->rk, PATIENCE_MS), 0);
    rd_kafka_topic_destroy(topic);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    w->mock = rd_kafka_handle_mock_cluster(w->rk);
    rd_kafka_mock_topic_create(w->mock, "t", PARTITIONS, 1);
    w->reset = "earliest";
    produce(w, RECORDS);
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

/* Open a source that begins as start says. */
static void open_member(const struct world *w, struct member *m,
                        struct pf_kafka_start start)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->mock)},
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", w->reset},
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
    start.topic = "t";
    start.stats = m->stats;
    start.began_metric = BEGAN;
    start.position_metric = POSITION;
    start.end_metric = TOPIC_END;
    start.held_metric = HELD_BACK;
    assert_int_equal(pf_kafka_source_open(conf, &start, &m->source, NULL),
                     PF_OK);
}

static void join(const struct world *w, struct member *m)
{
    open_member(w, m,
                (struct pf_kafka_start){.group = true,
                                        .offset = RD_KAFKA_OFFSET_STORED});
}

static void leave(struct member *m)
{
    pf_source_close(m->source);
    pf_stats_close(m->stats);
}

/* Read once, and note what came. Commits what was read before a change. */
static enum pf_rc turn(struct world *w, struct member *m)
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
        for (size_t i = 0; i < change->n_come; i++) {
            struct pf_partition *p = &change->come[i];

            m->told[p->number] = p->offset;
            if (p->metadata) {
                assert_string_equal(p->metadata,
                                    describe(NULL, "t", p->number));
                m->described[p->number]++;
            }
            if (m->cut)
                p->from = m->cut;
        }
        m->source->ops->commit(m->source, m->ticket);
        m->source->ops->settled(m->source);
        m->changes++;
        return rc;
    }
    assert_true(!rc || rc == PF_AGAIN || rc == PF_END);
    if (rc)
        return rc;
    for (size_t i = 0; i < batch.n; i++) {
        assert_string_equal(batch.records[i].topic, "t");
        w->seen[batch.records[i].partition][batch.records[i].offset]++;
    }
    m->ticket = batch.ticket;
    return rc;
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

/* Read until a batch has come to that ticket. */
static void read_up_to(struct world *w, struct member *m, uint64_t ticket)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;

    while (m->ticket < ticket && pf_now_ms() < deadline)
        turn(w, m);
    assert_int_equal(m->ticket, ticket);
}

static void what_goes_with_a_position_comes_back(void **state)
{
    struct world *w = *state;
    int64_t each = RECORDS / PARTITIONS;
    struct member m;

    join(w, &m);
    m.source->ops->describe(m.source, describe, NULL);
    read_up_to(w, &m, RECORDS);
    m.source->ops->commit(m.source, m.ticket);
    leave(&m);

    /* The last ten are read again; the position does not go back. */
    join(w, &m);
    m.cut = each - 10;
    m.source->ops->describe(m.source, describe, NULL);
    read_up_to(w, &m, 10 * PARTITIONS);
    m.source->ops->commit(m.source, m.ticket);
    assert_int_equal(*pf_stats_at(m.stats, POSITION), RECORDS);
    for (int p = 0; p < PARTITIONS; p++) {
        assert_int_equal(m.told[p], each);
        assert_int_equal(m.described[p], 1);
        for (int i = 0; i < each; i++)
            assert_int_equal(w->seen[p][i], i < m.cut ? 1 : 2);
    }
    leave(&m);
}

/* What comes after that is not skipped, whoever reads it. */
static void a_new_group_may_begin_at_the_end(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    w->reset = "latest";
    join(w, &m);
    while (*pf_stats_at(m.stats, POSITION) < RECORDS && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(*pf_stats_at(m.stats, POSITION), RECORDS);
    leave(&m);
    assert_int_equal(count_missing(w), RECORDS);

    produce(w, PARTITIONS);
    join(w, &m);
    while (m.ticket < PARTITIONS && pf_now_ms() < deadline)
        turn(w, &m);
    leave(&m);
    assert_int_equal(count_missing(w), RECORDS);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(w->seen[p][RECORDS / PARTITIONS], 1);
}

static void assert_seen(const struct world *w, unsigned times)
{
    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; i < RECORDS / PARTITIONS; i++)
            assert_int_equal(w->seen[p][i], times);
}

/* Rewind, and read until that is settled; all partitions go, and come. */
static void go_back(struct world *w, struct member *m)
{
    m->lost = false;
    m->source->ops->rewind(m->source);
    turn(w, m);
    assert_true(m->lost);
    assert_int_equal(m->partitions, PARTITIONS);
}

static void rewound_it_gives_again_what_is_not_committed(void **state)
{
    struct world *w = *state;
    struct member m;

    join(w, &m);
    read_up_to(w, &m, RECORDS);
    go_back(w, &m);
    read_up_to(w, &m, 2 * RECORDS);
    assert_seen(w, 2);
    m.source->ops->commit(m.source, m.ticket);
    go_back(w, &m);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(m.told[p], RECORDS / PARTITIONS);
    turn(w, &m);
    assert_seen(w, 2);
    leave(&m);
}

/* All of them, without a group, up to their ends. */
static const struct pf_kafka_start alone = {
    .partition = PF_KAFKA_ALL,
    .offset = RD_KAFKA_OFFSET_BEGINNING,
    .end_at_eof = true,
    .without_group = true,
};

static void without_a_group_all_come_at_once_and_end(void **state)
{
    struct world *w = *state;
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    struct member m;

    open_member(w, &m, alone);
    while (turn(w, &m) != PF_END)
        assert_true(pf_now_ms() < deadline);
    assert_int_equal(count_missing(w), 0);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.changes, 1);
    assert_int_equal(*pf_stats_at(m.stats, TOPIC_END), RECORDS);
    leave(&m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_member_reads_all_partitions),
        TEST(two_members_share_them_and_nothing_is_skipped),
        TEST(what_goes_with_a_position_comes_back),
        TEST(a_new_group_may_begin_at_the_end),
        TEST(rewound_it_gives_again_what_is_not_committed),
        TEST(without_a_group_all_come_at_once_and_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
