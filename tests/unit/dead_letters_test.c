/* Dead letters: made of refusals, and read again. */
#include "unit.h"

#include "dead_letters.h"
#include "headers.h"

static const struct pf_header own[] = {
    {"trace", "a\0b", 3}, {"empty", "", 0}, {PF_HEADER_DEAD_KIND, NULL, 0}};
static const struct pf_headers own_headers = {.at = own, .n = COUNT(own)};

/* A batch with a record that has everything, and a tombstone. */
static const struct pf_record records[] = {
    {.topic = "prices", .offset = 6},
    {.topic = "prices",
     .partition = 3,
     .offset = INT64_C(9007199254740993),
     .timestamp = 1500000000123,
     .key = "k\xff",
     .key_len = 2,
     .value = "x\0y",
     .value_len = 3,
     .headers = &own_headers,
     .header_at = pf_headers_at},
    {.topic = "prices", .offset = 8, .timestamp = -1},
};
static const struct pf_batch batch = {.records = records, .n = 3};
static const struct pf_refusal refusals[] = {
    {&records[1], "truncated", {"it ends \033 early"}},
    {&records[2], "empty", {"no value"}},
};

static struct pf_output make(struct pf_dead_letters *dead)
{
    struct pf_output output = {0};

    assert_int_equal(
        pf_dead_letters_make(dead, &batch, refusals, 2, &output, NULL), PF_OK);
    assert_int_equal(output.n, 2);
    assert_int_equal(output.from[0], 1);
    assert_int_equal(output.from[1], 2);
    return output;
}

static void assert_header(const struct pf_record *record, size_t i,
                          const char *name, const void *value, size_t len)
{
    struct pf_header header;

    assert_true(pf_record_header_at(record, i, &header));
    assert_string_equal(header.name, name);
    assert_int_equal(header.len, len);
    assert_int_equal(!header.value, !value);
    if (value)
        assert_memory_equal(header.value, value, len);
}

static void has_the_record_as_it_is_with_our_headers_last(void **state)
{
    struct pf_dead_letters dead = {0};
    struct pf_output output = make(&dead);
    const struct pf_record *letter = &output.records[0];
    struct pf_header header;

    (void)state;
    assert_null(letter->topic);
    assert_int_equal(letter->partition, PF_BY_KEY);
    assert_int_equal(letter->timestamp, -1);
    assert_ptr_equal(letter->key, records[1].key);
    assert_int_equal(letter->key_len, 2);
    assert_ptr_equal(letter->value, records[1].value);
    assert_int_equal(letter->value_len, 3);
    for (size_t i = 0; i < COUNT(own); i++)
        assert_header(letter, i, own[i].name, own[i].value, own[i].len);
    assert_header(letter, 3, PF_HEADER_DEAD_KIND, "truncated", 9);
    assert_header(letter, 4, PF_HEADER_DEAD_REASON, "it ends \\x1b early", 18);
    assert_header(letter, 5, PF_HEADER_DEAD_TOPIC, "prices", 6);
    assert_header(letter, 6, PF_HEADER_DEAD_PARTITION, "3", 1);
    assert_header(letter, 7, PF_HEADER_DEAD_OFFSET, "9007199254740993", 16);
    assert_header(letter, 8, PF_HEADER_DEAD_TIMESTAMP, "1500000000123", 13);
    assert_false(pf_record_header_at(letter, 9, &header));
    assert_true(pf_record_header(letter, PF_HEADER_DEAD_KIND, &header));
    assert_memory_equal(header.value, "truncated", 9);
    pf_dead_letters_release(&dead);
}

static void a_tombstone_stays_one(void **state)
{
    struct pf_dead_letters dead = {0};
    const struct pf_record *letter = &make(&dead).records[1];
    struct pf_header header;

    (void)state;
    assert_null(letter->value);
    assert_null(letter->key);
    assert_header(letter, 0, PF_HEADER_DEAD_KIND, "empty", 5);
    assert_header(letter, 5, PF_HEADER_DEAD_TIMESTAMP, "-1", 2);
    assert_false(pf_record_header_at(letter, 6, &header));
    pf_dead_letters_release(&dead);
}

static void is_read_as_it_was_made(void **state)
{
    struct pf_dead_letters dead = {0};
    struct pf_output output = make(&dead);
    struct pf_dead_letter_parts parts;

    (void)state;
    assert_true(pf_dead_letter_is(&output.records[0]));
    assert_false(pf_dead_letter_is(&records[1]));
    assert_int_equal(pf_dead_letter_read(&output.records[0], &parts, NULL),
                     PF_OK);
    assert_int_equal(parts.n_own, COUNT(own));
    assert_memory_equal(parts.kind.value, "truncated", 9);
    assert_memory_equal(parts.topic.value, "prices", 6);
    assert_int_equal(parts.topic.len, 6);
    assert_int_equal(parts.partition, 3);
    assert_int_equal(parts.offset, 9007199254740993);
    assert_int_equal(parts.timestamp, 1500000000123);
    pf_dead_letters_release(&dead);
}

static void
a_dead_letter_of_a_dead_letter_gives_the_first_one_back(void **state)
{
    struct pf_dead_letters dead = {0}, second = {0};
    const struct pf_record *letter = make(&dead).records;
    struct pf_output output;
    struct pf_dead_letter_parts parts;

    (void)state;
    assert_int_equal(pf_dead_letters_make(
                         &second, &(struct pf_batch){.records = letter, .n = 1},
                         &(struct pf_refusal){letter, "again", {"still"}}, 1,
                         &output, NULL),
                     PF_OK);
    assert_int_equal(pf_dead_letter_read(output.records, &parts, NULL), PF_OK);
    assert_memory_equal(parts.kind.value, "again", 5);
    assert_int_equal(parts.n_own, COUNT(own) + PF_DEAD_HEADERS);
    assert_int_equal(parts.offset, 9007199254740993);
    pf_dead_letters_release(&second);
    pf_dead_letters_release(&dead);
}

/* What it says of where it is from is all there. */
static void a_short_one_has_what_is_needed_to_find_its_record(void **state)
{
    const struct pf_record *letter;
    struct pf_dead_letters dead = {0};
    struct pf_output output = make(&dead);
    struct pf_dead_letter_parts parts;
    struct pf_header header;

    (void)state;
    letter = &output.records[0];
    assert_int_equal(pf_dead_letter_read(letter, &parts, NULL), PF_OK);
    assert_int_equal(parts.left_out, 0);
    assert_false(pf_dead_letter_is_short(letter));
    assert_ptr_equal(pf_dead_letter_of(letter), &records[1]);
    pf_dead_letters_shorten(&dead, 0);
    assert_true(pf_dead_letter_is(letter) && pf_dead_letter_is_short(letter));
    assert_null(letter->value);
    assert_int_equal(letter->value_len, 0);
    assert_int_equal(letter->key_len, 2);
    assert_header(letter, 0, PF_HEADER_DEAD_KIND, "truncated", 9);
    assert_header(letter, 5, PF_HEADER_DEAD_TIMESTAMP, "1500000000123", 13);
    assert_header(letter, 6, PF_HEADER_DEAD_LEFT_OUT, "30", 2);
    assert_false(pf_record_header_at(letter, 7, &header));
    assert_int_equal(pf_dead_letter_read(letter, &parts, NULL), PF_OK);
    assert_int_equal(parts.left_out, 3 + 5 + 3 + 5 + 14);
    assert_int_equal(parts.n_own, 0);
    assert_int_equal(parts.offset, 9007199254740993);

    assert_int_equal(pf_dead_letter_read(&output.records[1], &parts, NULL),
                     PF_OK);
    assert_int_equal(parts.left_out, 0);
    pf_dead_letters_release(&dead);
}

static void a_long_key_is_left_out_of_a_short_one(void **state)
{
    static char key[PF_DEAD_SHORT_KEY + 1];
    const struct pf_record record = {.key = key, .key_len = sizeof key};
    struct pf_dead_letters dead = {0};
    struct pf_dead_letter_parts parts;
    struct pf_output output;

    (void)state;
    assert_int_equal(pf_dead_letters_make(
                         &dead, &(struct pf_batch){.records = &record, .n = 1},
                         &(struct pf_refusal){&record, "type", {"r"}}, 1,
                         &output, NULL),
                     PF_OK);
    pf_dead_letters_shorten(&dead, 0);
    assert_null(output.records[0].key);
    assert_int_equal(output.records[0].key_len, 0);
    assert_int_equal(pf_dead_letter_read(output.records, &parts, NULL), PF_OK);
    assert_int_equal(parts.left_out, sizeof key);
    pf_dead_letters_release(&dead);
}

static void
what_is_not_a_dead_letter_is_refused_and_ret_left_alone(void **state)
{
    struct pf_header at[] = {
        {PF_HEADER_DEAD_KIND, "empty", 5}, {PF_HEADER_DEAD_REASON, "r", 1},
        {PF_HEADER_DEAD_TOPIC, "t", 1},    {PF_HEADER_DEAD_PARTITION, "0", 1},
        {PF_HEADER_DEAD_OFFSET, "7", 1},   {PF_HEADER_DEAD_TIMESTAMP, "9", 1},
    };
    static const struct pf_header wrong[] = {
        {PF_HEADER_DEAD_OFFSET, NULL, 0},
        {PF_HEADER_DEAD_OFFSET, "", 0},
        {PF_HEADER_DEAD_OFFSET, "7\0", 2},
        {PF_HEADER_DEAD_OFFSET, "seven", 5},
        {PF_HEADER_DEAD_OFFSET, "9223372036854775808", 19},
        {PF_HEADER_DEAD_OFFSET, "00000000000000000000000000007", 29},
        {PF_HEADER_DEAD_KIND, "7", 1},
    };
    struct pf_headers headers = {.at = at, .n = COUNT(at)};
    struct pf_record record = {.headers = &headers, .header_at = pf_headers_at};
    struct pf_dead_letter_parts parts = {.offset = 42};
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_dead_letter_read(&record, &parts, NULL), PF_OK);
    assert_int_equal(parts.offset, 7);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        at[4] = wrong[i];
        assert_int_equal(pf_dead_letter_read(&record, &parts, &err), PF_FORMAT);
        assert_contains(err.text, "feed-dead-");
        assert_int_equal(parts.offset, 7);
    }
    headers.n = 5;
    assert_int_equal(pf_dead_letter_read(&record, &parts, &err), PF_FORMAT);
    headers.n = 0;
    assert_int_equal(pf_dead_letter_read(&record, &parts, &err), PF_FORMAT);
    record.headers = NULL;
    assert_int_equal(pf_dead_letter_read(&record, &parts, &err), PF_FORMAT);
    assert_contains(err.text, "it is not a dead letter");
}

static void letters_go_among_records_in_their_order(void **state)
{
    static const struct pf_record good[] = {
        {.offset = 60}, {.offset = 61}, {.offset = 90}};
    static const uint32_t from[] = {0, 0, 5};
    struct pf_dead_letters dead = {0};
    struct pf_output letters = make(&dead); /* of records 1 and 2 */
    struct pf_output output = {.records = good, .n = 3, .from = from};
    static const int64_t offsets[] = {60, 61, INT64_C(9007199254740993), 8, 90};
    static const uint32_t froms[] = {0, 0, 1, 2, 5};

    (void)state;
    assert_int_equal(pf_dead_letters_merge(&dead, &letters, &output, NULL),
                     PF_OK);
    assert_int_equal(output.n, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(output.records[i].offset, offsets[i]);
        assert_int_equal(output.from[i], froms[i]);
    }

    output = (struct pf_output){.n = 0}; /* nothing else in the batch */
    assert_int_equal(pf_dead_letters_merge(&dead, &letters, &output, NULL),
                     PF_OK);
    assert_int_equal(output.n, 2);
    assert_int_equal(output.from[1], 2);
    pf_dead_letters_release(&dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_record_as_it_is_with_our_headers_last),
        cmocka_unit_test(a_tombstone_stays_one),
        cmocka_unit_test(is_read_as_it_was_made),
        cmocka_unit_test(a_short_one_has_what_is_needed_to_find_its_record),
        cmocka_unit_test(a_long_key_is_left_out_of_a_short_one),
        cmocka_unit_test(
            a_dead_letter_of_a_dead_letter_gives_the_first_one_back),
        cmocka_unit_test(
            what_is_not_a_dead_letter_is_refused_and_ret_left_alone),
        cmocka_unit_test(letters_go_among_records_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
