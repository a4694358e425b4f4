/* The records that go to PostgreSQL: copies. */
#include "unit.h"

#include "dead_letters.h"
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

static void assert_headers(const struct pf_record *record,
                           const struct pf_header *expected, size_t n)
{
    struct pf_header header;

    for (size_t i = 0; i < n; i++) {
        assert_true(pf_record_header_at(record, i, &header));
        assert_string_equal(header.name, expected[i].name);
        assert_int_equal(!header.value, !expected[i].value);
        assert_int_equal(header.len, expected[i].len);
        if (header.len)
            assert_memory_equal(header.value, expected[i].value, header.len);
    }
    assert_false(pf_record_header_at(record, n, &header));
}

static const struct pf_header own[] = {{"a", "1", 1},
                                       {"a", NULL, 0},
                                       {"\xff", "\0\xff", 2},
                                       {"", "", 0},
                                       {"a", "2", 1}};

/* The next record has the first n of these. */
static void add_with_headers(struct pf_postgres_batch *batch, size_t n)
{
    const struct pf_headers headers = {.at = own, .n = n};
    const struct pf_record record = {.key = "key",
                                     .key_len = 3,
                                     .headers = &headers,
                                     .header_at = pf_headers_at};

    assert_int_equal(pf_postgres_batch_add(batch, SIZE_MAX, &record, NULL),
                     PF_OK);
}

/* Any bytes, in their order, though the memory moves; and if nobody will ask
 * for them, none. */
static void copies_headers_as_they_are_or_not_at_all(void **state)
{
    struct pf_postgres_batch batch = {.keeps_headers = true}, none = {0};

    (void)state;
    for (size_t i = 0; i < 6000; i++) {
        add_with_headers(&batch, i % (COUNT(own) + 1));
        add_with_headers(&none, i % (COUNT(own) + 1));
    }
    for (size_t i = 0; i < 6000; i++) {
        assert_headers(&batch.records[i], own, i % (COUNT(own) + 1));
        assert_headers(&none.records[i], NULL, 0);
    }
    assert_true(batch.room > 65536); /* it was moved */
    assert_int_equal(none.used, 6000 * 3);
    pf_postgres_batch_release(&batch);
    pf_postgres_batch_release(&none);
}

static void headers_count_for_its_limit(void **state)
{
    size_t size = 3 * 1024 * 1024;
    char *value = calloc(1, size);
    const struct pf_header large = {"n", value, size};
    const struct pf_headers headers = {.at = &large, .n = 1};
    const struct pf_record record = {.headers = &headers,
                                     .header_at = pf_headers_at};
    struct pf_postgres_batch batch = {.keeps_headers = true};

    (void)state;
    assert_int_equal(pf_postgres_batch_add(&batch, 9, &record, NULL), PF_OK);
    assert_int_equal(pf_postgres_batch_add(&batch, 9, &record, NULL), PF_OK);
    assert_int_equal(pf_postgres_batch_add(&batch, 9, &record, NULL), PF_AGAIN);
    assert_int_equal(batch.n, 2);
    pf_postgres_batch_release(&batch);
    free(value);
}

/* As what was refused, with the headers that it had. */
static void notes_a_dead_letter_and_has_its_record(void **state)
{
    const struct pf_headers headers = {.at = own, .n = COUNT(own)};
    const struct pf_record record = {.topic = "t",
                                     .timestamp = 1234567,
                                     .headers = &headers,
                                     .header_at = pf_headers_at};
    struct pf_postgres_batch batch = {0};
    struct pf_dead_letters dead = {0};
    struct pf_output letters;

    (void)state;
    pf_dead_letters_make(&dead, &(struct pf_batch){.records = &record, .n = 1},
                         &(struct pf_refusal){&record, "type", {"no number"}},
                         1, &letters, NULL);
    assert_int_equal(
        pf_postgres_batch_add(&batch, 9, &letters.records[0], NULL), PF_OK);
    pf_dead_letters_release(&dead);
    assert_headers(&batch.records[0], own, COUNT(own));
    assert_int_equal(batch.records[0].timestamp, 1234567);
    assert_string_equal(batch.letters.at[0].kind, "type");
    assert_string_equal(batch.letters.at[0].reason.text, "type: no number");
    pf_postgres_batch_release(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_records_and_keeps_them_when_it_grows),
        cmocka_unit_test(is_full_at_its_limit_but_takes_one_record_of_any_size),
        cmocka_unit_test(copies_headers_as_they_are_or_not_at_all),
        cmocka_unit_test(headers_count_for_its_limit),
        cmocka_unit_test(notes_a_dead_letter_and_has_its_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
