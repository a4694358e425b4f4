/* The sink of a run, against librdkafka's mock of a cluster. */
#include "unit.h"

#include "kafka_header.h"
#include "run_sink.h"

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h first */

#define PATIENCE_MS 20000 /* what is waited for comes within a second */
#define LEDGER_PATH "/tmp/pf-run-sink-XXXXXX"

/* A cluster, and a client of it that makes it. */
struct world {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
    char ledger[sizeof LEDGER_PATH];
};

static rd_kafka_conf_t *conf_of(const struct world *w)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    if (w->mock)
        rd_kafka_conf_set(conf, "bootstrap.servers",
                          rd_kafka_mock_cluster_bootstraps(w->mock), NULL, 0);
    return conf;
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf_of(w), NULL, 0);
    w->mock = rd_kafka_mock_cluster_new(w->rk, 1);
    rd_kafka_mock_topic_create(w->mock, "t", 2, 1);
    strcpy(w->ledger, LEDGER_PATH);
    close(mkstemp(w->ledger));
    *state = w;
    return !w->mock;
}

static int free_world(void **state)
{
    struct world *w = *state;

    rd_kafka_mock_cluster_destroy(w->mock);
    rd_kafka_destroy(w->rk);
    unlink(w->ledger);
    free(w);
    return 0;
}

/* A run that goes on in partition 1 with that offset. */
#define GOES_TO(where)                                                   \
    {                                                                    \
        .places = &(struct pf_place){.partition = 1, .offset = (where)}, \
        .n_places = 1                                                    \
    }
static const struct pf_run_target goes_to_0 = GOES_TO(0);
static const struct pf_run_target goes_to_7 = GOES_TO(7);

/* Send records with these numbers to partition 1, five at most; *arrived is how
 * many came. */
static enum pf_rc produce(const struct world *w,
                          const struct pf_run_target *how,
                          const int64_t *numbers, size_t n, uint64_t *arrived,
                          struct pf_error *err)
{
    struct pf_run_target target = *how;
    struct pf_record records[5];
    struct pf_arrival arrival;
    struct pf_sink *sink;
    size_t taken = 0, more;
    enum pf_rc rc;

    target.topic = "t";
    target.partition = 1;
    target.run = "r";
    for (size_t i = 0; i < n; i++)
        records[i] = (struct pf_record){.partition = 1,
                                        .offset = numbers[i],
                                        .timestamp = -1,
                                        .value = "x",
                                        .value_len = 1};
    assert_int_equal(pf_run_sink_open(conf_of(w), &target, &sink, err), PF_OK);
    do {
        rc = sink->ops->write(sink, records + taken, n - taken, n, &more, err);
        taken += more;
        if (!rc || rc == PF_AGAIN)
            rc = sink->ops->flush(sink, PATIENCE_MS, &arrival, err);
    } while (rc == PF_AGAIN || (!rc && taken < n));
    assert_true(rc || arrival.through == PF_TICKET_ALL);
    *arrived = arrival.records;
    assert_int_equal(pf_run_sink_give_up(sink).delivered, *arrived);
    pf_sink_close(sink);
    return rc;
}

static void goes_on_when_the_first_record_comes_where_it_should(void **state)
{
    static const int64_t numbers[] = {40, 41, 42};
    const struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(produce(w, &goes_to_0, numbers, 3, &arrived, &err), PF_OK);
    assert_int_equal(arrived, 3);
    assert_int_equal(
        produce(w, &(struct pf_run_target){0}, numbers, 3, &arrived, &err),
        PF_OK);
    assert_int_equal(arrived, 3);
}

static void ends_when_it_comes_elsewhere_and_sends_nothing_else(void **state)
{
    static const int64_t numbers[] = {40, 41, 42};
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(produce(*state, &goes_to_7, numbers, 3, &arrived, &err),
                     PF_FATAL);
    assert_int_equal(arrived, 1);
    assert_contains(err.text, "run r goes on came to offset 0 of t [1] and "
                              "not to 7: somebody else writes");
}

/* The number in each record's header, or -, of n records of partition 1. */
static const char *numbers_in(const struct world *w, size_t n)
{
    static char text[100];
    rd_kafka_conf_t *conf = conf_of(w);
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    size_t used = 0;

    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
    topic = rd_kafka_topic_new(rk, "t", NULL);
    assert_int_equal(rd_kafka_consume_start(topic, 1, 0), 0);
    while (n--) {
        rd_kafka_message_t *m = rd_kafka_consume(topic, 1, PATIENCE_MS);
        struct pf_record record = {.headers = m,
                                   .header_at = pf_kafka_header_at};
        struct pf_header number = {.value = "-", .len = 1}, run;

        assert_non_null(m);
        assert_int_equal(m->err, 0);
        if (pf_record_header(&record, "feed-seq", &number)) {
            assert_true(pf_record_header(&record, "feed-run", &run));
            assert_memory_equal(run.value, "r", run.len);
            assert_true(pf_record_header(&record, "feed-ts", &run));
            assert_true(run.len >= 19);
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s ",
                                 (int)number.len, (const char *)number.value);
        rd_kafka_message_destroy(m);
    }
    rd_kafka_consume_stop(topic, 1);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return text;
}

static void headers_are_on_the_first_and_where_numbers_jump(void **state)
{
    static const int64_t numbers[] = {40, 41, 42, 50, 51};
    const struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(
        produce(w, &(struct pf_run_target){0}, numbers, 5, &arrived, &err),
        PF_OK);
    assert_string_equal(numbers_in(w, 5), "40 - - 50 - ");
}

static void headers_are_on_all_if_wanted(void **state)
{
    static const int64_t numbers[] = {40, 41, 42, 50, 51};
    const struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(produce(w, &(struct pf_run_target){.every_header = true},
                             numbers, 5, &arrived, &err),
                     PF_OK);
    assert_string_equal(numbers_in(w, 5), "40 41 42 50 51 ");
}

/* How many of the records, in their order and with their offsets, this text
 * acknowledges: each after it was sent. One line has as many as were reported
 * at once. */
static int count_acked(const char *line)
{
    static const int numbers[] = {40, 41, 42, 50, 51};
    const char *sent[] = {strstr(line, "sent 40 3 "),
                          strstr(line, "sent 50 2 ")};
    int seen = 0, number, n, offset;

    while ((line = strstr(line, "acked ")) &&
           sscanf(line, "acked %d %d %d ", &number, &n, &offset) == 3) {
        assert_true(line > sent[number >= 50]);
        assert_int_equal(offset, seen);
        for (int i = 0; i < n; i++) {
            assert_in_range(seen, 0, 4);
            assert_int_equal(number + i, numbers[seen++]);
        }
        line++;
    }
    return seen;
}

static void the_ledger_has_the_fate_of_each_number(void **state)
{
    static const int64_t numbers[] = {40, 41, 42, 50, 51};
    struct world *w = *state;
    struct pf_run_target target = {0};
    char text[1000] = "", *line;
    struct pf_error err;
    uint64_t arrived;
    FILE *in;

    assert_int_equal(pf_ledger_open(w->ledger, &target.ledger, &err), PF_OK);
    assert_int_equal(produce(w, &target, numbers, 5, &arrived, &err), PF_OK);
    pf_ledger_close(target.ledger);
    in = fopen(w->ledger, "r");
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    line = strstr(text, "sent 40 3 ");
    assert_non_null(line);
    line = strstr(line, "sent 50 2 ");
    assert_non_null(line);
    assert_int_equal(count_acked(text), 5);
}

/* Record i has number i and goes to partitions[i]; 20 at most. */
static size_t fill(struct pf_record *records, const char *partitions)
{
    size_t n = strlen(partitions);

    for (size_t i = 0; i < n; i++)
        records[i] = (struct pf_record){.partition = partitions[i] - '0',
                                        .offset = (int64_t)i,
                                        .timestamp = -1,
                                        .value = "x",
                                        .value_len = 1};
    return n;
}

/* Of a run whose keys decide. *arrived is how many of its records did. */
static enum pf_rc produce_by_key(const struct world *w,
                                 struct pf_run_target target,
                                 const char *partitions, uint64_t *arrived,
                                 struct pf_error *err)
{
    struct pf_record records[20];
    size_t n = fill(records, partitions), taken = 0, more;
    struct pf_arrival arrival;
    struct pf_sink *sink;
    enum pf_rc rc;

    target.topic = "t";
    target.partition = PF_BY_KEY;
    target.run = "r";
    target.every_header = true;
    assert_int_equal(pf_run_sink_open(conf_of(w), &target, &sink, err), PF_OK);
    do {
        rc = sink->ops->write(sink, records + taken, n - taken, n, &more, err);
        taken += more;
        if (!rc || rc == PF_AGAIN)
            rc = sink->ops->flush(sink, PATIENCE_MS, &arrival, err);
    } while (rc == PF_AGAIN || (!rc && taken < n));
    *arrived = pf_run_sink_give_up(sink).delivered;
    pf_sink_close(sink);
    return rc;
}

static void each_partition_begins_with_one_record(void **state)
{
    struct pf_place places[] = {{.partition = 0, .offset = 0},
                                {.partition = 1, .offset = 0}};
    struct pf_run_target target = {.places = places, .n_places = 2};
    struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(produce_by_key(w, target, "0010110", &arrived, &err),
                     PF_OK);
    assert_int_equal(arrived, 7);
    assert_string_equal(numbers_in(w, 3), "2 4 5 ");

    places[0].offset = 4;
    places[1].offset = 7;
    assert_int_equal(produce_by_key(w, target, "000110", &arrived, &err),
                     PF_FATAL);
    assert_int_equal(arrived, 4); /* and none after the one of partition 1 */
    assert_contains(err.text, "run r goes on came to offset 3 of t [1] and "
                              "not to 7: somebody else writes");
}

static void a_place_without_an_offset_takes_any(void **state)
{
    const struct pf_place places[] = {{.partition = 0, .offset = -1},
                                      {.partition = 1, .offset = -1}};
    struct pf_run_target target = {.places = places, .n_places = 2};
    struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(produce_by_key(w, target, "0110", &arrived, &err),
                         PF_OK);
        assert_int_equal(arrived, 4);
    }
    assert_string_equal(numbers_in(w, 4), "1 2 1 2 ");
}

/* Check that the ledger says of 5 records which is where. */
static void look_into_ledger(const char *path, const int *partition_of,
                             const int *offset_of)
{
    char text[2000] = "";
    unsigned seen = 0;
    FILE *in = fopen(path, "r");

    while (fgets(text, sizeof text, in)) {
        int partition, offset, at, number, more;

        if (sscanf(text, "arrived %d %d %*d %*d %n", &partition, &offset, &at) <
            2)
            continue;
        for (; sscanf(text + at, "%d%n", &number, &more) == 1; at += more + 1) {
            assert_in_range(number, 0, 4);
            assert_int_equal(partition, partition_of[number]);
            assert_int_equal(offset++, offset_of[number]);
            seen |= 1u << number;
        }
    }
    fclose(in);
    assert_int_equal(seen, 0x1f);
}

static void a_ledger_of_keys_says_which_partition_has_what(void **state)
{
    const struct pf_place places[] = {{.partition = 0, .offset = 0},
                                      {.partition = 1, .offset = 0}};
    struct pf_run_target target = {.places = places, .n_places = 2};
    struct world *w = *state;
    struct pf_error err;
    uint64_t arrived;

    assert_int_equal(pf_ledger_open(w->ledger, &target.ledger, &err), PF_OK);
    assert_int_equal(pf_ledger_run(target.ledger, "r", "t", PF_BY_KEY, 0, &err),
                     PF_OK);
    assert_int_equal(produce_by_key(w, target, "01100", &arrived, &err), PF_OK);
    pf_ledger_close(target.ledger);
    look_into_ledger(w->ledger, (int[]){0, 1, 1, 0, 0}, (int[]){0, 0, 1, 1, 2});
}

static void a_partition_that_waits_keeps_its_place_in_the_ledger(void **state)
{
    struct world *w = *state;
    rd_kafka_conf_t *conf = conf_of(w);
    struct pf_run_target target = {
        .topic = "t", .run = "r", .partition = PF_BY_KEY, .every_header = true};
    struct pf_arrival arrival = {0};
    struct pf_record records[20];
    size_t n = fill(records, "01111"), taken, more;
    struct pf_sink *sink;
    struct pf_error err;
    enum pf_rc rc;

    rd_kafka_conf_set(conf, "queue.buffering.max.messages", "3", NULL, 0);
    rd_kafka_mock_partition_set_leader(w->mock, "t", 0, -1);
    assert_int_equal(pf_ledger_open(w->ledger, &target.ledger, &err), PF_OK);
    pf_ledger_run(target.ledger, "r", "t", PF_BY_KEY, 0, &err);
    assert_int_equal(pf_run_sink_open(conf, &target, &sink, &err), PF_OK);
    assert_int_equal(sink->ops->write(sink, records, n, n, &taken, &err),
                     PF_AGAIN);
    assert_int_equal(taken, 3);
    while (arrival.records < 2) /* both of partition 1 */
        assert_int_equal(sink->ops->flush(sink, PATIENCE_MS, &arrival, &err),
                         PF_AGAIN);

    /* The first one still waits: there is no room for more. */
    assert_int_equal(
        sink->ops->write(sink, records + taken, n - taken, n, &more, &err),
        PF_AGAIN);
    assert_int_equal(more, 0);
    rd_kafka_mock_partition_set_leader(w->mock, "t", 0, 1);
    do {
        rc = sink->ops->flush(sink, PATIENCE_MS, &arrival, &err);
        if (!rc && taken < n) {
            sink->ops->write(sink, records + taken, n - taken, n, &more, &err);
            taken += more;
            rc = PF_AGAIN;
        }
    } while (rc == PF_AGAIN);
    assert_int_equal(rc, PF_OK);
    pf_run_sink_give_up(sink);
    pf_sink_close(sink);
    pf_ledger_close(target.ledger);
    look_into_ledger(w->ledger, (int[]){0, 1, 1, 1, 1}, (int[]){0, 0, 1, 2, 3});
}

static void a_partition_without_records_leaves_batches_their_time(void **state)
{
    const struct pf_place places[] = {{.partition = 0, .offset = 0},
                                      {.partition = 1, .offset = 0}};
    struct pf_run_target target = {.topic = "t",
                                   .run = "r",
                                   .partition = PF_BY_KEY,
                                   .every_header = true,
                                   .places = places,
                                   .n_places = 2};
    struct world *w = *state;
    rd_kafka_conf_t *conf = conf_of(w);
    struct pf_arrival arrival = {0};
    struct pf_record records[20];
    size_t n = fill(records, "11111"), taken, more;
    struct pf_sink *sink;
    struct pf_error err;

    rd_kafka_conf_set(conf, "queue.buffering.max.messages", "3", NULL, 0);
    rd_kafka_conf_set(conf, "linger.ms", "60000", NULL, 0);
    assert_int_equal(pf_ledger_open(w->ledger, &target.ledger, &err), PF_OK);
    pf_ledger_run(target.ledger, "r", "t", PF_BY_KEY, 0, &err);
    assert_int_equal(pf_run_sink_open(conf, &target, &sink, &err), PF_OK);

    /* The first one goes alone, and at once. */
    assert_int_equal(sink->ops->write(sink, records, n, n, &taken, &err),
                     PF_AGAIN);
    assert_int_equal(taken, 1);
    while (!arrival.records)
        sink->ops->flush(sink, PATIENCE_MS, &arrival, &err);

    /* The next ones are as many as there is room for, and wait. */
    assert_int_equal(sink->ops->write(sink, records + 1, n - 1, n, &more, &err),
                     PF_AGAIN);
    assert_int_equal(more, 3);
    for (int i = 0; i < 10; i++)
        assert_int_equal(sink->ops->flush(sink, 20, &arrival, &err), PF_AGAIN);
    assert_int_equal(arrival.records, 1);

    sink->ops->last(sink);
    while (arrival.records < 4)
        sink->ops->flush(sink, PATIENCE_MS, &arrival, &err);
    pf_run_sink_give_up(sink);
    pf_sink_close(sink);
    pf_ledger_close(target.ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(goes_on_when_the_first_record_comes_where_it_should),
        TEST(ends_when_it_comes_elsewhere_and_sends_nothing_else),
        TEST(headers_are_on_the_first_and_where_numbers_jump),
        TEST(headers_are_on_all_if_wanted),
        TEST(the_ledger_has_the_fate_of_each_number),
        TEST(each_partition_begins_with_one_record),
        TEST(a_place_without_an_offset_takes_any),
        TEST(a_ledger_of_keys_says_which_partition_has_what),
        TEST(a_partition_that_waits_keeps_its_place_in_the_ledger),
        TEST(a_partition_without_records_leaves_batches_their_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
