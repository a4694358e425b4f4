/* Prices as pf-web gives them to those who watch. */
#include "unit.h"

#include "clock.h"
#include "price_table.h"
#include "prices.h"
#include "web.h"

struct world {
    char dir[40], path[70];
    struct pf_price_table *table;
    struct web web;
    struct pf_http_stream *stream;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct pf_http_reply reply = {0};

    strcpy(w->dir, "/tmp/pf-prices-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/consumer.prices", w->dir);
    assert_int_equal(pf_price_table_open(w->path, &w->table, NULL), PF_OK);
    assert_int_equal(web_prices_open(w->dir, &w->web.prices, NULL), PF_OK);
    w->stream = web_prices_stream(&w->web, NULL, &reply);
    assert_non_null(w->stream);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    w->stream->ops->close(w->stream);
    web_prices_close(w->web.prices);
    pf_price_table_close(w->table);
    unlink(w->path);
    assert_int_equal(rmdir(w->dir), 0);
    free(w);
    return 0;
}

/* One more price of the first n matches. */
static void change(struct world *w, int n)
{
    for (int i = 0; i < n; i++)
        pf_price_table_add(
            w->table,
            &(struct pf_price){.match = PF_MATCH_MIN + i, .ticks = 456});
}

/* Wait for a frame with the last price of the first n matches; how long that
 * took, in milliseconds. */
static int64_t wait_for(struct world *w, int n)
{
    int64_t began_ms = pf_now_ms();
    bool found = false;
    char row[40];

    snprintf(row, sizeof row, "[%d,4.56,", PF_MATCH_MIN + n - 1);
    while (!found) {
        struct pf_http_frame *frame = w->stream->ops->next(w->stream);

        found = frame && memmem(frame->bytes, frame->n, row, strlen(row));
        pf_http_frame_drop(frame);
        assert_true(pf_now_ms() - began_ms < 10000);
    }
    return pf_now_ms() - began_ms;
}

static void there_are_ten_frames_a_second(void **state)
{
    struct world *w = *state;

    change(w, 3);
    wait_for(w, 3);
    change(w, 2);
    assert_in_range(wait_for(w, 2), 85, 10000);
}

static void after_a_large_frame_the_next_comes_later(void **state)
{
    struct world *w = *state;

    change(w, PF_PRICE_TABLE_MATCHES);
    wait_for(w, PF_PRICE_TABLE_MATCHES);
    change(w, 2);
    assert_in_range(wait_for(w, 2), 300, 10000);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(there_are_ten_frames_a_second),
        TEST(after_a_large_frame_the_next_comes_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
