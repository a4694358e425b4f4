/* Searches in a topic of several partitions, of librdkafka's mock of a cluster.
 */
#include "mock_cluster.h"

#include "record_search.h"

#define PARTITIONS 3
#define RECORDS 150 /* in all; the i-th has the time i + 1 */

struct world {
    struct cluster cluster;
    struct web_kafka *kafka;
    struct pf_http_reply reply;
    struct web_ask ask;
    struct web_kafka_topic topic;
};

/* The i-th record is in this partition: not in turn. */
static int32_t partition_of(int i)
{
    return i % 7 % PARTITIONS;
}

static void produce(rd_kafka_t *rk)
{
    for (int i = 0; i < RECORDS; i++) {
        char value[32];

        snprintf(value, sizeof value, "number %d", i);
        assert_int_equal(
            rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"),
                              RD_KAFKA_V_PARTITION(partition_of(i)),
                              RD_KAFKA_V_VALUE(value, strlen(value)),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_TIMESTAMP(i + 1), RD_KAFKA_V_END),
            0);
    }
    assert_int_equal(rd_kafka_flush(rk, 10000), 0);
}

static void fill(struct cluster cluster)
{
    rd_kafka_conf_t *conf = cluster_conf(cluster);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);

    rd_kafka_mock_topic_create(cluster.mock, "t", PARTITIONS, 1);
    produce(rk);
    rd_kafka_destroy(rk);
}

static int setup(void **state)
{
    static const struct pf_kafka_default defaults[] = {WEB_KAFKA_ROWS, {0}};
    const struct pf_settings none = {0};
    struct world *w = calloc(1, sizeof *w);
    rd_kafka_conf_t *conf;

    w->cluster = begin_cluster(1);
    fill(w->cluster);
    assert_int_equal(pf_kafka_conf_new(defaults, &none, &conf, NULL), PF_OK);
    rd_kafka_conf_set(conf, "bootstrap.servers",
                      rd_kafka_mock_cluster_bootstraps(w->cluster.mock), NULL,
                      0);
    assert_int_equal(web_kafka_open(conf, &w->kafka, NULL), PF_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    web_kafka_close(w->kafka);
    end_cluster(w->cluster);
    free(w);
    return 0;
}

static void begin(struct world *w)
{
    assert_true(web_ask_begin(w->kafka, NULL, &w->reply, &w->ask));
    assert_true(web_kafka_topic_find(&w->ask, "t", &w->topic));
}

static void end(struct world *w)
{
    web_kafka_topic_release(&w->topic);
    web_ask_end(&w->ask);
}

/* What a list has found so far. */
struct found {
    int64_t times[RECORDS];
    size_t n, room; /* of this page */
};

static bool put(void *context, const struct web_record *record)
{
    struct found *found = context;

    if (!found->room)
        return false;
    assert_true(found->n < RECORDS);
    assert_int_equal(record->partition,
                     partition_of((int)record->timestamp - 1));
    found->times[found->n++] = record->timestamp;
    found->room--;
    return true;
}

/* One page, of room records at most, from the places on. True: there is more.
 */
static bool page(struct world *w, bool newest, const char *text, size_t room,
                 int64_t places[PARTITIONS], struct found *found)
{
    const struct web_search_conf conf = {.topic = &w->topic,
                                         .newest = newest,
                                         .text = text,
                                         .limit = 10,
                                         .most = 100};
    struct web_search search;
    bool more;

    assert_true(web_search_init(&search, &w->ask, &conf, PARTITIONS));
    for (int32_t i = 0; i < PARTITIONS; i++) {
        struct web_search_part *part = &search.parts[i];

        part->number = i;
        for (int n = 0; n < RECORDS; n++)
            part->high += partition_of(n) == i;
        if (places[i] >= 0)
            *(newest ? &part->high : &part->low) = places[i];
    }
    found->room = room;
    assert_true(web_search_run(&search, 10, put, found));
    for (int i = 0; i < PARTITIONS; i++)
        places[i] = web_search_place(&search, &search.parts[i]);
    more = web_search_more(&search);
    web_search_release(&search);
    return more;
}

/* All pages. */
static void read_all(struct world *w, bool newest, const char *text,
                     size_t room, struct found *found)
{
    int64_t places[PARTITIONS] = {-1, -1, -1};
    size_t before;

    *found = (struct found){0};
    begin(w);
    do {
        before = found->n;
        w->ask.deadline_ms += 1000; /* each page is a request of its own */
        if (!page(w, newest, text, room, places, found))
            break;
    } while (found->n > before);
    end(w);
}

static void each_record_comes_once_in_the_order_of_time(void **state)
{
    for (size_t room = 3; room < 20; room += 7)
        for (int newest = 0; newest < 2; newest++) {
            struct found found;

            read_all(*state, newest, NULL, room, &found);
            assert_int_equal(found.n, RECORDS);
            for (int i = 0; i < RECORDS; i++)
                assert_int_equal(found.times[i], newest ? RECORDS - i : i + 1);
        }
}

static void a_text_finds_the_records_that_have_it(void **state)
{
    for (int newest = 0; newest < 2; newest++) {
        struct found found;

        read_all(*state, newest, "number 13", 10, &found); /* and 130 to 139 */
        assert_int_equal(found.n, 11);
        for (int i = 0; i < 11; i++)
            assert_int_equal(found.times[newest ? 10 - i : i],
                             i ? 130 + i : 14);
        read_all(*state, newest, "nowhere", 10, &found);
        assert_int_equal(found.n, 0);
    }
}

static void a_range_goes_on_and_back(void **state)
{
    struct world *w = *state;
    struct web_search_conf conf = {.topic = &w->topic, .limit = 1};
    static const int64_t from[] = {0, 1, 2, 40, 39, 3, 30};
    struct web_search search;

    begin(w);
    for (size_t i = 0; i < COUNT(from); i++) {
        struct found found = {.room = 1};

        assert_true(web_search_init(&search, &w->ask, &conf, 1));
        search.parts[0].number = 1;
        search.parts[0].low = from[i];
        search.parts[0].high = from[i] + 1;
        assert_true(web_search_run(&search, 1, put, &found));
        assert_int_equal(found.n, 1);
        assert_false(web_search_more(&search));
        web_search_release(&search);
    }
    end(w);
}

static void a_topic_that_is_not_there_is_said(void **state)
{
    struct world *w = *state;

    assert_true(web_ask_begin(w->kafka, NULL, &w->reply, &w->ask));
    assert_false(web_kafka_topic_find(&w->ask, "nowhere", &w->topic));
    assert_int_equal(w->reply.status, 404);
    pf_buffer_put(&w->reply.body, "", 1);
    assert_contains(w->reply.body.at, "there is no topic nowhere");
    pf_buffer_release(&w->reply.body);
    web_ask_end(&w->ask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_comes_once_in_the_order_of_time),
        cmocka_unit_test(a_text_finds_the_records_that_have_it),
        cmocka_unit_test(a_range_goes_on_and_back),
        cmocka_unit_test(a_topic_that_is_not_there_is_said),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
