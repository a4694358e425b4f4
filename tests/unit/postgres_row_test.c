/* The values of a statement: arrays in PostgreSQL's own form. */
#include "unit.h"

#include "postgres_row.h"

/* The binary form of arrays, array_recv() of PostgreSQL: dimensions, whether
 * there are NULLs, type, length, first index; then length and bytes of each. */
static void puts_columns_as_postgresql_reads_arrays(void **state)
{
    static const unsigned char ticks[] = {
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0,   0, 20, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0,
        0, 8, 0, 0, 0, 0, 0, 0, 1, 200, 0, 0,  0, 8, 0, 0, 0, 0, 0, 0, 0, 100};
    static const unsigned char keys[] = {0, 0,  0, 1, 0,   0,   0,   1,   0,  0,
                                         0, 25, 0, 0, 0,   2,   0,   0,   0,  1,
                                         0, 0,  0, 1, 'k', 255, 255, 255, 255};
    static const char one[] = "{\"match\": 123, \"price\": 4.56}";
    static const char two[] = "{\"match\": 999, \"price\": 1.00}";
    const struct pf_record records[] = {
        {.value = one, .value_len = sizeof one - 1, .key = "k", .key_len = 1},
        {.value = two, .value_len = sizeof two - 1},
    };
    struct pf_postgres_row row = {0};

    (void)state;
    pf_postgres_put_column(&row, records, 2, PF_POSTGRES_TICKS);
    pf_postgres_put_column(&row, records, 2, PF_POSTGRES_KEY);
    assert_int_equal(row.n, 2);
    assert_int_equal(row.lengths[0], sizeof ticks);
    assert_memory_equal(row.values[0], ticks, sizeof ticks);
    assert_int_equal(row.lengths[1], sizeof keys);
    assert_memory_equal(row.values[1], keys, sizeof keys);
    pf_postgres_row_release(&row);
}

/* The int8 of element i of the array in that value, which has no NULL before
 * it; -1: NULL. */
static int64_t element(const char *value, size_t i)
{
    const unsigned char *at = (const unsigned char *)value + 20 + 12 * i;
    uint64_t number = 0;

    if (at[0] == 255)
        return -1;
    for (int byte = 4; byte < 12; byte++)
        number = number << 8 | at[byte];
    return (int64_t)number;
}

static void has_no_time_where_postgresql_has_none(void **state)
{
    static const struct {
        int64_t timestamp, time_ms;
    } cases[] = {
        {0, 0},
        {1764115200000, 1764115200000},
        {1764115200000000, 1764115200000000}, /* microseconds: a year */
        {9224317929599999, 9224317929599999}, /* 294276-12-30 */
        {9224317929600000, -1},               /* the day after */
        {1764115200000000000, -1},            /* nanoseconds */
        {INT64_MAX, -1},
        {-1, -1},
        {INT64_MIN, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct pf_record record = {.timestamp = cases[i].timestamp};
        struct pf_postgres_row row = {0};

        assert_int_equal(pf_postgres_time(&record), cases[i].time_ms);
        pf_postgres_put_column(&row, &record, 1, PF_POSTGRES_TIME);
        assert_int_equal(element(row.values[0], 0), cases[i].time_ms);
        pf_postgres_row_release(&row);
    }
}

/* Whether a key of these bytes is put as text; it always is as bytes. */
static bool is_put_as_text(const char *key, size_t len)
{
    const struct pf_record record = {.key = key, .key_len = len};
    struct pf_postgres_row row = {0};
    bool text;

    pf_postgres_put_column(&row, &record, 1, PF_POSTGRES_KEY);
    pf_postgres_put_column(&row, &record, 1, PF_POSTGRES_KEY_BYTES);
    pf_postgres_put_column(&row, &record, 1, PF_POSTGRES_NO_KEY);
    text = row.lengths[0] > 24;
    if (text)
        assert_memory_equal(row.values[0] + 24, key, len);
    assert_int_equal(row.lengths[1], 24 + len);
    assert_memory_equal(row.values[1] + 24, key, len);
    assert_int_equal(row.lengths[2], 24);
    pf_postgres_row_release(&row);
    return text;
}

static void puts_a_key_as_text_only_if_it_is_text(void **state)
{
    (void)state;
    assert_true(is_put_as_text("order 7", 7));
    assert_true(is_put_as_text("Zo\xc3\xab \xf0\x9f\x98\x80\x01", 10));
    assert_false(is_put_as_text("\xff\xfe", 2));
    assert_false(is_put_as_text("\0\0\0\0\0\0\0*", 8));
    assert_false(is_put_as_text("a\0", 2));
    assert_false(is_put_as_text("cut \xc3", 5));
    assert_false(is_put_as_text("\xed\xa0\x80", 3)); /* half of a pair */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_columns_as_postgresql_reads_arrays),
        cmocka_unit_test(has_no_time_where_postgresql_has_none),
        cmocka_unit_test(puts_a_key_as_text_only_if_it_is_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
