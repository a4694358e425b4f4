/* The filter that makes records of dead letters again, against librdkafka's
 * mock of a cluster. */
#include "mock_cluster.h"

#include <malloc.h>

#include "dead_letters.h"
#include "origin_filter.h"

#define LETTERS 100 /* in a batch */

/* A cluster, a client of it that makes it, and a batch of dead letters. */
struct world {
    struct cluster cluster;
    struct pf_filter *filter;
    struct pf_dead_letters dead;
    char names[LETTERS][40];
    struct pf_record records[LETTERS];
    struct pf_refusal refusals[LETTERS];
    struct pf_output letters;
    struct pf_filtered filtered;
    struct pf_error err;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf;
    enum pf_rc rc;

    w->cluster = begin_cluster(1);
    rd_kafka_mock_topic_create(w->cluster.mock, "there", 2, 1);
    conf = cluster_conf(w->cluster);
    *state = w;
    rc = pf_origin_filter_open(conf, NULL, &w->filter, &w->err);
    rd_kafka_conf_destroy(conf);
    return (int)rc;
}

static int teardown(void **state)
{
    struct world *w = *state;

    pf_filter_close(w->filter);
    pf_dead_letters_release(&w->dead);
    end_cluster(w->cluster);
    free(w);
    return 0;
}

/* Put in n dead letters of that partition of the topics in names. */
static void apply(struct world *w, size_t n, int32_t partition)
{
    for (size_t i = 0; i < n; i++) {
        w->records[i] = (struct pf_record){.topic = w->names[i],
                                           .partition = partition,
                                           .timestamp = -1,
                                           .value = "v",
                                           .value_len = 1};
        w->refusals[i] = (struct pf_refusal){&w->records[i], "type", {"r"}};
    }
    assert_int_equal(
        pf_dead_letters_make(&w->dead,
                             &(struct pf_batch){.records = w->records, .n = n},
                             w->refusals, n, &w->letters, &w->err),
        PF_OK);
    assert_int_equal(w->filter->ops->apply(w->filter, w->letters.records, n,
                                           &w->filtered, &w->err),
                     PF_OK);
}

static void names_that_are_not_there_take_no_memory(void **state)
{
    struct world *w = *state;
    size_t before = 0;

    for (int turn = 0; turn < 30; turn++) {
        if (turn == 1)
            before = mallinfo2().uordblks;
        for (int i = 0; i < LETTERS; i++)
            snprintf(w->names[i], sizeof *w->names, "missing-%d-%d", turn, i);
        apply(w, LETTERS, 0);
        assert_int_equal(w->filtered.n_refused, LETTERS);
    }
    assert_in_range(mallinfo2().uordblks, 0, before + 1000000);
}

static void a_topic_that_comes_later_is_found(void **state)
{
    struct world *w = *state;

    strcpy(w->names[0], "later");
    strcpy(w->names[1], "there");
    apply(w, 2, 1);
    assert_int_equal(w->filtered.n_refused, 1);
    assert_string_equal(w->filtered.refusals[0].kind, "origin");
    assert_contains(w->filtered.refusals[0].reason.text,
                    "there is no partition 1 of later");
    assert_string_equal(w->filtered.outputs[0].records[0].topic, "there");
    rd_kafka_mock_topic_create(w->cluster.mock, "later", 2, 1);
    apply(w, 2, 1);
    assert_int_equal(w->filtered.n_refused, 0);
    assert_string_equal(w->filtered.outputs[0].records[0].topic, "later");
    assert_int_equal(w->filtered.outputs[0].records[0].partition, 1);
}

static void a_partition_that_is_not_there_is_refused(void **state)
{
    struct world *w = *state;

    strcpy(w->names[0], "there");
    apply(w, 1, 2);
    assert_int_equal(w->filtered.n_refused, 1);
    apply(w, 1, 0);
    assert_int_equal(w->filtered.n_refused, 0);
}

static void nothing_goes_to_topics_of_kafkas_own(void **state)
{
    struct world *w = *state;

    rd_kafka_mock_topic_create(w->cluster.mock, "__consumer_offsets", 1, 1);
    rd_kafka_mock_topic_create(w->cluster.mock, "_one", 1, 1);
    strcpy(w->names[0], "__consumer_offsets");
    strcpy(w->names[1], "_one");
    apply(w, 2, 0);
    assert_int_equal(w->filtered.n_refused, 1);
    assert_string_equal(w->filtered.refusals[0].kind, "origin");
    assert_contains(w->filtered.refusals[0].reason.text,
                    "it is from __consumer_offsets");
    assert_string_equal(w->filtered.outputs[0].records[0].topic, "_one");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_that_are_not_there_take_no_memory),
        TEST(a_topic_that_comes_later_is_found),
        TEST(nothing_goes_to_topics_of_kafkas_own),
        TEST(a_partition_that_is_not_there_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
