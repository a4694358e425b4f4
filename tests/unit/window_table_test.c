/* The open windows in memory: the hash table, and their order by start. */
#include "unit.h"

#include "prng.h"
#include "window_part.h"
#include "window_span.h"
#include "window_table.h"

#define STARTS 40
#define KEYS 50

/* Keys of all kinds and lengths; some are beginnings of others. */
static struct pf_window_key make_key(unsigned i)
{
    static const char bytes[] = "0123456789abcdef0123456789abcdef\0\0\0";
    struct pf_window_key key = {.kind = PF_WINDOW_KEY_NONE};

    if (!i)
        return key;
    key.kind = i % 2 ? PF_WINDOW_KEY_TEXT : PF_WINDOW_KEY_JSON;
    key.at = bytes + (i % 3 ? 0 : 1);
    key.len = i / 2;
    return key;
}

static bool same(const struct pf_window_key *a, const struct pf_window_key *b)
{
    return a->kind == b->kind && a->len == b->len &&
           (!a->len || !memcmp(a->at, b->at, a->len));
}

static void finds_what_was_added_and_not_removed(void **state)
{
    static uint32_t model[2][STARTS][KEYS];
    struct pf_window_table table;
    size_t n = 0;

    (void)state;
    memset(model, 0xff, sizeof model);
    assert_int_equal(pf_window_table_init(&table, 2, NULL), PF_OK);
    for (uint64_t i = 0; i < 300000; i++) {
        uint64_t dice = pf_prng_at(3, i);
        uint32_t part = dice & 1, *known;
        int64_t start = (int64_t)(dice >> 8) % STARTS * 1000;
        unsigned k = (unsigned)(dice >> 40) % KEYS;
        struct pf_window_key key = make_key(k), its;
        uint64_t hash = pf_window_table_hash(&table, &key);
        struct pf_window *window;

        known = &model[part][start / 1000][k];
        assert_int_equal(pf_window_table_find(&table, part, start, &key, hash),
                         *known);
        /* Times of many windows, and times of few. */
        if (*known != PF_WINDOW_NONE && (dice >> 1 & 7) > (i >> 14 & 7)) {
            window = pf_window_table_at(&table, *known);
            its = pf_window_key_of(window);
            assert_true(same(&its, &key));
            assert_int_equal(window->state[1], 1 + (uint64_t)start + k);
            pf_window_table_remove(&table, *known);
            *known = PF_WINDOW_NONE;
            n--;
        } else if (*known == PF_WINDOW_NONE &&
                   (dice >> 1 & 7) <= (i >> 14 & 7)) {
            *known = pf_window_table_add(&table, part, start, &key, hash);
            assert_true(*known != PF_WINDOW_NONE);
            window = pf_window_table_at(&table, *known);
            assert_int_equal(window->state[0] | window->state[1], 0);
            window->state[1] = 1 + (uint64_t)start + k;
            n++;
        }
        assert_int_equal(table.n, n);
    }
    assert_true(n > 100);
    pf_window_table_release(&table);
}

/* They do not share memory, and all of it is freed. */
static void has_room_for_more_than_a_large_page_of_windows(void **state)
{
    enum { MANY = 100000 };
    struct pf_window_table table;
    struct pf_window_key keys[] = {make_key(7), make_key(KEYS - 1)};
    uint64_t hashes[COUNT(keys)];

    (void)state;
    assert_int_equal(pf_window_table_init(&table, 3, NULL), PF_OK);
    for (size_t k = 0; k < COUNT(keys); k++)
        hashes[k] = pf_window_table_hash(&table, &keys[k]);
    for (int64_t i = 0; i < MANY; i++) {
        uint32_t number = pf_window_table_add(&table, 0, i, &keys[i % 2],
                                              hashes[i % 2]);
        struct pf_window *window;

        assert_int_not_equal(number, PF_WINDOW_NONE);
        window = pf_window_table_at(&table, number);
        for (size_t word = 0; word < 3; word++)
            window->state[word] = (uint64_t)i;
    }
    for (int64_t i = 0; i < MANY; i++) {
        uint32_t number = pf_window_table_find(&table, 0, i, &keys[i % 2],
                                               hashes[i % 2]);
        const struct pf_window *window = pf_window_table_at(&table, number);

        assert_int_equal(window->state[0], i);
        assert_int_equal(window->state[2], i);
        if (i % 3)
            pf_window_table_remove(&table, number);
    }
    assert_int_equal(table.n, (MANY + 2) / 3);
    pf_window_table_release(&table);
}

static void windows_come_by_start_whatever_their_order_was(void **state)
{
    struct pf_window_table table;
    struct pf_window_parts parts = {0};
    struct pf_window_part *part, *other;
    struct pf_window_key key = make_key(7);
    uint64_t hash;
    int64_t before = INT64_MIN;
    size_t n = 0, given = 0;

    (void)state;
    assert_int_equal(pf_window_table_init(&table, 1, NULL), PF_OK);
    hash = pf_window_table_hash(&table, &key);
    part = pf_window_parts_add(&parts, "t", 0);
    other = pf_window_parts_add(&parts, "t", 1);
    assert_non_null(part);
    assert_non_null(other);
    assert_ptr_equal(pf_window_parts_find(&parts, "t", 1), other);
    assert_null(pf_window_parts_find(&parts, "u", 1));
    assert_int_equal(pf_window_part_cut(part), -1);
    for (int64_t i = 0; i < 5000; i++) {
        uint64_t dice = pf_prng_at(5, (uint64_t)i);
        int64_t start = (i + (int64_t)(dice % 60)) * 10 - 1000;

        if (pf_window_table_find(&table, part->id, start, &key, hash) ==
                PF_WINDOW_NONE &&
            start > before) {
            assert_true(pf_window_part_add(part, &table, start, &key, hash,
                                           i) != PF_WINDOW_NONE);
            n++;
        }
        for (size_t k = part->head; k + 1 < part->starts.n; k++)
            assert_true(part->starts.at[k].start <
                        part->starts.at[k + 1].start);
        if (dice >> 32 & 3 && part->starts.n - part->head > 30) {
            const struct pf_window_start *first = pf_window_part_first(part);

            assert_int_equal(first->first, first->last);
            before = first->start;
            pf_window_table_remove(&table, first->first);
            pf_window_part_drop_first(part);
            given++;
        }
    }
    assert_true(given > 1000);
    assert_int_equal(table.n, n - given);
    assert_in_range(part->starts.size, 1, 8 * (n - given));
    assert_in_range(pf_window_part_cut(part), 0, 4999);
    pf_window_parts_remove(&parts, &table, "t", 0);
    assert_int_equal(table.n, 0);
    assert_null(pf_window_parts_find(&parts, "t", 0));
    assert_ptr_equal(pf_window_parts_find(&parts, "t", 1), other);
    assert_int_equal(pf_window_parts_add(&parts, "u", 3)->id, 0);
    pf_window_parts_release(&parts);
    pf_window_table_release(&table);
}

static void a_record_is_in_each_window_that_has_its_time(void **state)
{
    (void)state;
    for (int64_t size = 1; size <= 20; size++)
        for (int64_t advance = 1; advance <= size; advance++)
            for (int64_t time = 0; time < 100; time++) {
                struct pf_window_span span = {size, advance, 0};
                int64_t first = INT64_MAX, last = INT64_MIN;

                for (int64_t start = -100 * advance; start <= time;
                     start += advance)
                    if (start <= time && time < start + size) {
                        first = start < first ? start : first;
                        last = start;
                    }
                assert_int_equal(pf_window_first(&span, time), first);
                assert_int_equal(pf_window_last(&span, time), last);
            }
}

static void the_latest_time_has_windows_that_can_be_written(void **state)
{
    static const int64_t lengths[] = {1, 7, 1000, 86400000,
                                      PF_WINDOW_LENGTH_MAX};

    (void)state;
    for (size_t s = 0; s < COUNT(lengths); s++)
        for (size_t a = 0; a <= s; a++)
            for (size_t g = 0; g < COUNT(lengths); g++) {
                struct pf_window_span span = {lengths[s], lengths[a],
                                              lengths[g]};
                int64_t latest = pf_window_latest(&span);
                int64_t last = pf_window_last(&span, latest);

                assert_true(latest > 0);
                assert_true(last <= latest && latest < last + span.size);
                assert_true(last + span.size + span.grace <= PF_WINDOW_LAST_MS);
                assert_false(pf_window_closed(&span, last, latest));
                assert_true(pf_window_closed(&span, last, PF_WINDOW_LAST_MS));
                assert_false(pf_window_closed(&span, last, PF_WINDOW_NO_TIME));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added_and_not_removed),
        cmocka_unit_test(has_room_for_more_than_a_large_page_of_windows),
        cmocka_unit_test(windows_come_by_start_whatever_their_order_was),
        cmocka_unit_test(a_record_is_in_each_window_that_has_its_time),
        cmocka_unit_test(the_latest_time_has_windows_that_can_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
