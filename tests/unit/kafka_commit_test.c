/* The commits of a consumer, against librdkafka's mock of a cluster. */
#include "unit.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <poll.h>
#include <signal.h>

#include "clock.h"
#include "kafka_commit.h"
#include "stop.h"

/* The mock may be slow to begin; a commit that comes takes a millisecond. */
#define PATIENCE_MS 20000

static rd_kafka_t *new_consumer(void)
{
    static const char *const settings[][2] = {
        {"test.mock.num.brokers", "1"},
        {"group.id", "g"},
        {"enable.auto.commit", "false"},
        {"log_level", "0"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[512] = "";
    rd_kafka_t *rk;

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    assert_string_equal(why, "");
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 1, 1);
    return rk;
}

/* What the cluster has for this group: a position, or what Kafka has once the
 * topic is deleted, none. */
static int64_t ask(rd_kafka_t *rk)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);
    int64_t offset;

    rd_kafka_topic_partition_list_add(list, "t", 0);
    assert_int_equal(rd_kafka_committed(rk, list, PATIENCE_MS), 0);
    offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
}

/* What is left of a position when a topic is deleted and created again. */
static void put(rd_kafka_t *rk, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);

    rd_kafka_topic_partition_list_add(list, "t", 0)->offset = offset;
    assert_int_equal(rd_kafka_commit(rk, list, 0), 0);
    rd_kafka_topic_partition_list_destroy(list);
}

static void want(const struct pf_kafka_parts *parts, int64_t position)
{
    for (size_t i = 0; i < parts->list.n; i++) {
        parts->list.at[i]->position = position;
        parts->list.at[i]->dirty = true;
    }
}

static void what_is_wanted_last_is_committed_whatever_was_before(void **state)
{
    rd_kafka_t *rk = new_consumer();
    struct pf_kafka_parts parts = {0};
    struct pf_kafka_commit commit;

    (void)state;
    ask(rk); /* from here on the mock is quick */
    assert_int_equal(
        pf_kafka_commit_open(&commit, rk, &parts, PF_KAFKA_COMMIT_GAP_MS, NULL),
        PF_OK);
    assert_non_null(pf_kafka_parts_add(&parts, "t", 0, 0));
    want(&parts, 100);
    assert_true(pf_kafka_commit_finish(&commit, 0));
    assert_int_equal(ask(rk), 100);

    /* The topic was created again: positions begin at 0. */
    want(&parts, 50);
    assert_true(pf_kafka_commit_finish(&commit, 0));
    assert_int_equal(ask(rk), 50);

    /* And again, up to the position that was committed in the old one, which
     * Kafka has forgotten with it. */
    put(rk, 0);
    want(&parts, 50);
    assert_true(pf_kafka_commit_finish(&commit, 0));
    assert_int_equal(ask(rk), 50);

    /* Nothing is left to do. */
    assert_int_equal(pf_kafka_commit_rest(&commit, 1000), 1000);
    pf_kafka_commit_close(&commit);
    pf_kafka_parts_release(&parts);
    rd_kafka_destroy(rk);
}

/* A member that joins, and is then asked to stop, gives up what it cannot
 * commit. Its child ends without the client. */
static int stops_while_it_joins(void)
{
    atomic_bool joins = true;
    struct pf_kafka_parts parts = {0};
    struct pf_kafka_commit commit;
    struct heard heard;
    int64_t began;

    if (pf_stop_init(NULL) ||
        pf_kafka_commit_open(&commit, new_consumer(), &parts,
                             PF_KAFKA_COMMIT_GROUP_GAP_MS, NULL))
        return 1;
    commit.joins = &joins;
    for (int i = 0; i < 3; i++)
        pf_kafka_parts_add(&parts, "t", i, 0);
    want(&parts, 7);
    parts.list.at[0]->dirty = false;
    kill(getpid(), SIGTERM);
    while (!pf_stop_asked())
        poll(NULL, 0, 1);
    began = pf_now_ms();
    begin_to_listen(&heard);
    pf_kafka_commit_finish(&commit, 30);
    end_to_listen(&heard);
    if (pf_now_ms() - began > 3000)
        return 2;
    return !strstr(heard.text, "positions of 2 partitions are not committed, "
                               "such as 7 of t [1]: records before them may be "
                               "read again")
               ? 3
               : 0;
}

static void a_stop_ends_its_patience(void **state)
{
    (void)state;
    assert_int_equal(outcome(stops_while_it_joins), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wanted_last_is_committed_whatever_was_before),
        cmocka_unit_test(a_stop_ends_its_patience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
