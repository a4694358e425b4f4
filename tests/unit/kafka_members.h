/* kafka_members.h - consumers of many partitions, and librdkafka's mock of a
 * cluster for them. */
#ifndef KAFKA_MEMBERS_H
#define KAFKA_MEMBERS_H

#include "unit.h"

#include "clock.h"
#include "kafka_source.h"

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h first */
#include <stdatomic.h>

#define PARTITIONS 6
#define RECORDS 300       /* in all */
#define PATIENCE_MS 20000 /* what is waited for comes within some seconds */

/* Requests of Kafka's protocol, https://kafka.apache.org/protocol */
#define OFFSET_COMMIT 8
#define JOIN_GROUP 11
#define HEARTBEAT 12
#define SYNC_GROUP 14

static const struct pf_metric metrics[PF_KAFKA_METRICS] = {
    PF_KAFKA_METRIC_ROWS};

/* What the members of this test ask the cluster for, noted by their clients'
 * threads: those of a test that has failed live on. */
static struct asked {
    atomic_int joins, commits;     /* how often */
    atomic_int early;              /* commits behind a JoinGroup */
    atomic_int commit_to, beat_to; /* which broker the last one went to */
    atomic_bool joining;           /* from JoinGroup to SyncGroup's answer */
} asked;

struct world {
    const char *reset;    /* auto.offset.reset of members, */
    const char *strategy; /* partition.assignment.strategy, */
    const char *session;  /* and session.timeout.ms: how long the cluster waits
                           * for a member that is gone */
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
    unsigned seen[PARTITIONS]
                 [10 * RECORDS]; /* how often each record was given */
};

struct member {
    struct pf_source *source;
    struct pf_stats *stats;
    uint64_t ticket;   /* of the last record that it was given */
    size_t partitions; /* that it has: */
    bool has[PARTITIONS];
    size_t changes;   /* of them */
    uint64_t through; /* position when the last change was to be settled */
    bool lost;
    bool late;                /* what it has read has not arrived at a change */
    int64_t cut;              /* where it wants to begin; 0: where it is told */
    int64_t told[PARTITIONS]; /* what it was told; of metadata, the length */
    size_t described[PARTITIONS];
    const char *found; /* by who keeps the positions, instead of one; or NULL */
};

/* What belongs to the position of a partition. */
static inline const char *describe(void *context, const char *topic,
                                   int32_t partition)
{
    static char text[20];

    (void)context;
    snprintf(text, sizeof text, "%s in %d", topic, (int)partition);
    return text;
}

/* n records, in turn to each partition. */
static inline void produce(const struct world *w, int n)
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

static inline rd_kafka_resp_err_t
on_asked(rd_kafka_t *rk, int fd, const char *name, int32_t broker, int16_t key,
         int16_t version, int32_t number, size_t size, void *opaque)
{
    (void)rk, (void)fd, (void)name, (void)version;
    (void)number, (void)size, (void)opaque;
    if (key == OFFSET_COMMIT) {
        asked.early += asked.joining;
        asked.commit_to = broker;
        asked.commits++;
    } else if (key == HEARTBEAT) {
        asked.beat_to = broker;
    } else if (key == JOIN_GROUP) {
        asked.joining = true;
        asked.joins++;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static inline rd_kafka_resp_err_t
on_answered(rd_kafka_t *rk, int fd, const char *name, int32_t broker,
            int16_t key, int16_t version, int32_t number, size_t size,
            int64_t us, rd_kafka_resp_err_t why, void *opaque)
{
    (void)rk, (void)fd, (void)name, (void)broker, (void)version;
    (void)number, (void)size, (void)us, (void)opaque;
    if (key == SYNC_GROUP && !why)
        asked.joining = false;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static inline rd_kafka_resp_err_t listen_to(rd_kafka_t *rk,
                                            const rd_kafka_conf_t *conf,
                                            void *opaque, char *why,
                                            size_t size)
{
    (void)conf, (void)opaque, (void)why, (void)size;
    rd_kafka_interceptor_add_on_request_sent(rk, "test", on_asked, NULL);
    rd_kafka_interceptor_add_on_response_received(rk, "test", on_answered,
                                                  NULL);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static inline int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "2", NULL, 0);
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    w->mock = rd_kafka_handle_mock_cluster(w->rk);
    rd_kafka_mock_coordinator_set(w->mock, "group", "g", 1);
    rd_kafka_mock_topic_create(w->mock, "t", PARTITIONS, 1);
    w->reset = "earliest";
    w->strategy = "range";
    w->session = "6000";
    asked = (struct asked){0};
    produce(w, RECORDS);
    *state = w;
    return 0;
}

static inline int free_world(void **state)
{
    struct world *w = *state;

    rd_kafka_destroy(w->rk);
    free(w);
    return 0;
}

/* Open a source that begins as start says. */
static inline void open_member(const struct world *w, struct member *m,
                               struct pf_kafka_start start)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->mock)},
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", w->reset},
        {"partition.assignment.strategy", w->strategy},
        {"session.timeout.ms", w->session},
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
    rd_kafka_conf_interceptor_add_on_new(conf, "test", listen_to, NULL);
    assert_int_equal(
        pf_stats_open("", metrics, PF_KAFKA_METRICS, &m->stats, NULL), PF_OK);
    if (!start.topic)
        start.topic = "t";
    start.stats = m->stats;
    assert_int_equal(pf_kafka_source_open(conf, &start, &m->source, NULL),
                     PF_OK);
}

static inline void join(const struct world *w, struct member *m)
{
    open_member(w, m,
                (struct pf_kafka_start){.group = true,
                                        .offset = RD_KAFKA_OFFSET_STORED});
}

static inline void leave(struct member *m)
{
    pf_source_close(m->source);
    pf_stats_close(m->stats);
}

/* Read once, and note what came. Commits what was read before a change, unless
 * that is late. */
static inline enum pf_rc turn(struct world *w, struct member *m)
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
        for (size_t i = 0; i < change->n_gone; i++)
            m->has[change->gone[i].number] = false;
        for (size_t i = 0; i < change->n_come; i++) {
            struct pf_partition *p = &change->come[i];

            m->has[p->number] = true;
            m->told[p->number] = p->offset;
            if (p->metadata) {
                assert_string_equal(p->metadata,
                                    describe(NULL, "t", p->number));
                m->described[p->number]++;
            }
            if (m->cut)
                p->from = m->cut;
            if (m->found) {
                p->metadata = m->found;
                p->offset = -1;
            }
        }
        if (!m->late)
            m->source->ops->commit(m->source, m->ticket);
        m->through = *pf_stats_at(m->stats, PF_KAFKA_POSITION);
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
static inline size_t count_missing(const struct world *w)
{
    size_t n = 0;

    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; i < RECORDS / PARTITIONS; i++)
            n += !w->seen[p][i];
    return n;
}

/* Read until a batch has come to that ticket. */
static inline void read_up_to(struct world *w, struct member *m,
                              uint64_t ticket)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;

    while (m->ticket < ticket && pf_now_ms() < deadline)
        turn(w, m);
    assert_int_equal(m->ticket, ticket);
}

/* Of each partition, the first n records were given that many times. */
static inline void assert_seen_of(const struct world *w, int n, unsigned times)
{
    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; i < n; i++)
            assert_int_equal(w->seen[p][i], times);
}

static inline void assert_seen(const struct world *w, unsigned times)
{
    assert_seen_of(w, RECORDS / PARTITIONS, times);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

/* What the group has committed, of all partitions together, into *ret: less, if
 * that is not answered within timeout_ms. */
static inline rd_kafka_resp_err_t ask_committed(const struct member *m,
                                                int timeout_ms, int64_t *ret)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        PARTITIONS);
    rd_kafka_resp_err_t why;

    for (int p = 0; p < PARTITIONS; p++)
        rd_kafka_topic_partition_list_add(list, "t", p);
    why = rd_kafka_committed(pf_kafka_source_client(m->source), list,
                             timeout_ms);
    *ret = 0;
    for (int p = 0; p < PARTITIONS; p++)
        *ret += list->elems[p].offset > 0 ? list->elems[p].offset : 0;
    rd_kafka_topic_partition_list_destroy(list);
    return why;
}

#endif
