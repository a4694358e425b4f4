/* Order events made from a seed: which, and when. */
#include "unit.h"

#include "clock.h"
#include "event_time.h"
#include "orders.h"
#include "orders_source.h"

#define START_US (INT64_C(1793577600) * PF_SECOND_US) /* 2026-11-02 */

static const struct pf_shop shop = {
    .seed = 1, .start_us = START_US, .rate = 0.1, .age = 1440};

static struct pf_orders *open_shop(const struct pf_shop *like)
{
    struct pf_orders *orders;

    assert_int_equal(pf_orders_new(like, &orders, NULL), PF_OK);
    return orders;
}

static void the_first_events_of_seed_1_stay_as_they_are(void **state)
{
    static const char *const wanted[] = {
        "{\"event\": 1, \"kind\": \"placed\", \"at\": "
        "\"2026-11-02T00:00:39.429Z\", \"order\": {\"id\": 1, \"amount\": "
        "68.90}, \"customer\": {\"id\": 1769, \"name\": \"Jamal Lindqvist\"}}",
        "{\"event\": 2, \"kind\": \"placed\", \"at\": "
        "\"2026-11-02T00:00:58.664Z\", \"order\": {\"id\": 2, \"amount\": "
        "24.75}, \"customer\": {\"id\": 1060, \"name\": \"大輔 Fischer\"}}",
    };
    struct pf_orders *orders = open_shop(&shop);

    (void)state;
    for (size_t i = 0; i < COUNT(wanted); i++) {
        struct pf_order_event event = pf_orders_next(orders);
        char json[PF_ORDER_JSON_SIZE];

        assert_int_equal(pf_order_encode(&event, json), strlen(wanted[i]));
        assert_string_equal(json, wanted[i]);
    }
    pf_orders_free(orders);
}

/* Every promise of examples/orders/README.md that can be counted. */
static void each_order_lives_as_orders_do(void **state)
{
    enum { EVENTS = 500000, ORDERS = 200000 };
    static unsigned char last_kind[ORDERS]; /* kind + 1; 0: not placed */
    static int amounts[ORDERS], customers[ORDERS];
    static int64_t placed_us[ORDERS];
    struct pf_orders *orders = open_shop(&shop);
    int64_t at_us = START_US, ages_us = 0;
    size_t counts[5] = {0}, placed = 0, ended;

    (void)state;
    for (uint64_t i = 1; i <= EVENTS; i++) {
        struct pf_order_event e = pf_orders_next(orders);
        char json[PF_ORDER_JSON_SIZE];

        assert_true(e.number == i && e.at_us >= at_us);
        assert_true(e.order >= 1 && e.order < ORDERS);
        assert_true(pf_order_encode(&e, json) < PF_ORDER_JSON_SIZE);
        at_us = e.at_us;
        counts[e.kind]++;
        if (e.kind == PF_ORDER_PLACED) {
            assert_true(e.order == ++placed && !last_kind[e.order]);
            assert_in_range(e.amount, 500, 63000);
            assert_in_range(e.customer, 1, PF_ORDER_CUSTOMERS);
            amounts[e.order] = e.amount;
            customers[e.order] = e.customer;
            placed_us[e.order] = e.at_us;
        } else if (e.kind == PF_ORDER_CANCELLED) {
            assert_in_range(last_kind[e.order], 1, 1 + PF_ORDER_SHIPPED);
        } else {
            assert_int_equal(last_kind[e.order], e.kind);
        }
        if (e.kind == PF_ORDER_FULFILLED)
            ages_us += e.at_us - placed_us[e.order];
        assert_true(e.amount == amounts[e.order] &&
                    e.customer == customers[e.order]);
        last_kind[e.order] = (unsigned char)(e.kind + 1);
    }
    pf_orders_free(orders);

    ended = counts[PF_ORDER_FULFILLED] + counts[PF_ORDER_CANCELLED];
    assert_in_range(counts[PF_ORDER_CANCELLED] * 1000 / ended, 130, 150);
    /* 0.1 events a second, and a day or so from placed to fulfilled. */
    assert_in_range((at_us - START_US) / PF_SECOND_US, EVENTS * 9, EVENTS * 11);
    ages_us /= (int64_t)counts[PF_ORDER_FULFILLED];
    assert_in_range(ages_us / PF_SECOND_US / 60, 1440, 1440 * 5 / 4);
}

static void what_is_open_is_bounded(void **state)
{
    const struct pf_shop busy = {.seed = 1, .rate = 1e6, .age = 100000};
    struct pf_orders *orders = open_shop(&busy);
    int64_t at_us = 0, open = 0, most = 0;

    (void)state;
    for (int i = 0; i < 5000000; i++) {
        struct pf_order_event e = pf_orders_next(orders);

        assert_true(e.at_us >= at_us);
        at_us = e.at_us;
        open += e.kind == PF_ORDER_PLACED;
        open -= e.kind == PF_ORDER_FULFILLED || e.kind == PF_ORDER_CANCELLED;
        most = open > most ? open : most;
    }
    assert_int_equal(most, 1 << 20);
    pf_orders_free(orders);
}

static struct pf_source *open_source(struct pf_orders_feed feed)
{
    static const struct pf_metric metrics[] = {
        {"next_due_ns", "", PF_GAUGE, PF_UNIT_MOMENT}};
    static struct pf_stats *stats; /* kept: one serves all tests */
    struct pf_source *source;

    if (!stats)
        assert_int_equal(pf_stats_open("", metrics, 1, &stats, NULL), PF_OK);
    feed.start.stats = stats;
    assert_int_equal(pf_orders_source_open(&feed, &source, NULL), PF_OK);
    return source;
}

static void close_quietly(struct pf_source *source)
{
    struct heard heard;

    begin_to_listen(&heard);
    pf_source_close(source);
    end_to_listen(&heard);
}

static void begins_with_any_event(void **state)
{
    static char texts[3000][PF_ORDER_JSON_SIZE];
    const struct pf_orders_feed all = {.shop = shop, .start.count = 3000};
    static const uint64_t firsts[] = {0, 1, 499, 2999, 3000};

    (void)state;
    for (size_t i = 0; i < COUNT(firsts); i++) {
        struct pf_orders_feed feed = all;
        uint64_t position = feed.start.first = firsts[i];
        struct pf_source *source = open_source(feed);
        struct pf_batch batch;

        while (source->ops->read(source, 0, &batch, NULL) == PF_OK)
            for (size_t k = 0; k < batch.n; k++) {
                const struct pf_record *r = &batch.records[k];

                if (!i)
                    memcpy(texts[position], r->value, r->value_len);
                assert_int_equal(r->offset, position);
                assert_memory_equal(texts[position++], r->value, r->value_len);
            }
        assert_int_equal(position, 3000);
        close_quietly(source);
    }
}

static void the_key_is_the_order(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_orders_feed){.shop = shop});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(source->ops->read(source, 0, &batch, NULL), PF_OK);
    for (size_t i = 0; i < batch.n; i++) {
        const char *id = strstr(batch.records[i].value, "\"order\": {\"id\": ");

        assert_memory_equal(id + 16, batch.records[i].key,
                            batch.records[i].key_len);
        assert_int_equal(id[16 + batch.records[i].key_len], ',');
    }
    close_quietly(source);
}

/* How many events there are at once. */
static size_t count_at_once(struct pf_orders_feed feed)
{
    struct pf_source *source = open_source(feed);
    struct pf_batch batch;
    size_t n = 0;

    while (source->ops->read(source, 0, &batch, NULL) == PF_OK)
        n += batch.n;
    close_quietly(source);
    return n;
}

static void a_live_shop_has_its_past_at_once(void **state)
{
    struct pf_orders_feed feed = {
        .shop = shop, .speed = 1, .live = true, .now_us = START_US};
    size_t past;

    (void)state;
    feed.shop.rate = 1;
    feed.shop.age = 1;
    assert_int_equal(count_at_once(feed), 0);
    feed.now_us += 3600 * PF_SECOND_US;
    past = count_at_once(feed);
    assert_in_range(past, 3000, 4200);

    /* One that begins later goes on now, and with what came before now. */
    feed.start.first = past - 100;
    assert_in_range(count_at_once(feed), 100, 102);
    feed.start.first = past + 1000;
    assert_in_range(count_at_once(feed), 1, 2);

    /* So do those that have no pace, and then the next one is due now. */
    feed.start.first = past + 1000;
    feed.start.at_once = past + 1500;
    assert_in_range(count_at_once(feed), 501, 502);
    feed.live = false;
    assert_in_range(count_at_once(feed), 501, 502);
    feed.start.at_once = 0;

    /* Not live: each when it comes, the first one at most so late. */
    feed.live = false;
    feed.start.first = 0;
    assert_in_range(count_at_once(feed), 0, 1);
}

static void events_come_at_their_pace(void **state)
{
    struct pf_orders_feed feed = {
        .shop = shop, .speed = 1000, .start.count = 50};
    struct pf_orders *orders = open_shop(&shop);
    struct pf_source *source = open_source(feed);
    int64_t begin = pf_now_ns(), last_us = 0;
    struct pf_batch batch;
    enum pf_rc rc;

    (void)state;
    for (uint64_t i = 0; i < feed.start.count; i++)
        last_us = pf_orders_next(orders).at_us;
    pf_orders_free(orders);
    do
        rc = source->ops->read(source, 1000, &batch, NULL);
    while (rc != PF_END);
    close_quietly(source);
    assert_in_range((pf_now_ns() - begin) / 1000000 + 1,
                    (last_us - START_US) / 1000000,
                    (last_us - START_US) / 1000000 + 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_events_of_seed_1_stay_as_they_are),
        cmocka_unit_test(each_order_lives_as_orders_do),
        cmocka_unit_test(what_is_open_is_bounded),
        cmocka_unit_test(begins_with_any_event),
        cmocka_unit_test(the_key_is_the_order),
        cmocka_unit_test(a_live_shop_has_its_past_at_once),
        cmocka_unit_test(events_come_at_their_pace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
