/* The records that go to PostgreSQL: copies. */
#include "unit.h"

#include "postgres_batch.h"

static void copies_records_and_keeps_them_when_it_grows(void **state)
{
    struct pf_postgres_batch batch = {0};
    char text[1000];

    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        struct pf_record record = {.offset = i, .value = text};

        record.value_len = (size_t)snprintf(text, sizeof text, "%0*d",
                                            (int)i % 900 + 1, (int)i);
        record.key = i % 2 ? text : NULL;
        record.key_len = i % 2 ? 1 : 0;
        assert_int_equal(pf_postgres_batch_add(&batch, 1000, &record, NULL),
                         PF_OK);
    }
    memset(text, 'x', sizeof text);
    assert_int_equal(batch.n, 1000);
    for (int i = 0; i < 1000; i++) {
        const struct pf_record *r = &batch.records[i];

        assert_int_equal(r->offset, i);
        assert_int_equal(snprintf(text, sizeof text, "%0*d", i % 900 + 1, i),
                         r->value_len);
        assert_memory_equal(r->value, text, r->value_len);
        assert_int_equal(!r->key, i % 2 == 0);
    }
    pf_postgres_batch_release(&batch);
}

static void is_full_at_its_limit_but_takes_one_record_of_any_size(void **state)
{
    size_t size = 20 * 1024 * 1024;
    struct pf_postgres_batch batch = {0};
    struct pf_record large = {.value = calloc(1, size), .value_len = size};
    struct pf_record tombstone = {0};

    (void)state;
    assert_int_equal(pf_postgres_batch_add(&batch, 3, &large, NULL), PF_OK);
    assert_int_equal(pf_postgres_batch_add(&batch, 3, &large, NULL), PF_AGAIN);
    pf_postgres_batch_clear(&batch);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pf_postgres_batch_add(&batch, 3, &tombstone, NULL),
                         PF_OK);
    assert_null(batch.records[2].value);
    assert_int_equal(pf_postgres_batch_add(&batch, 3, &tombstone, NULL),
                     PF_AGAIN);
    pf_postgres_batch_release(&batch);
    free((void *)(uintptr_t)large.value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_records_and_keeps_them_when_it_grows),
        cmocka_unit_test(is_full_at_its_limit_but_takes_one_record_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
