/* What the records of a partition say of a run. */
#include "unit.h"

#include <inttypes.h>

#include "by_key.h"
#include "random.h"
#include "stamp.h"
#include "trace.h"

#define SEED 7

static const uint64_t seed = SEED;

/* A record with the headers of a run. Static: it is good until the next. */
static struct pf_record record_of(const char *run, int64_t number,
                                  const char *value, const char *key)
{
    static struct pf_stamps stamps;
    struct pf_record record = {.offset = number,
                               .value = value,
                               .value_len = strlen(value),
                               .key = key,
                               .key_len = key ? strlen(key) : 0};

    pf_stamps_release(&stamps);
    assert_true(pf_stamps_init(&stamps, run, 1));
    record = *pf_stamp(&stamps, &record, 1);
    record.offset = 500 + number;
    return record;
}

/* Price number of the run, in the partition of its key; with a key if keys
 * decide. */
static struct pf_record price(const struct pf_trace *t, int64_t number)
{
    static char text[PF_PRICE_JSON_SIZE], key[PF_PRICE_MATCH_LEN + 1];
    struct pf_price p = pf_random_price(SEED, (uint64_t)number);
    struct pf_record record;

    text[pf_price_encode(&p, text)] = '\0';
    memcpy(key, text + PF_PRICE_MATCH_AT, PF_PRICE_MATCH_LEN);
    record = record_of("r", number, text, t->by_key ? key : NULL);
    if (t->by_key)
        record.partition = pf_partition_of(key, PF_PRICE_MATCH_LEN, t->n);
    return record;
}

static struct pf_trace by_key(void)
{
    return (struct pf_trace){
        .run = "r", .topic = "t", .seed = &seed, .by_key = true, .n = 6};
}

static enum pf_rc look(struct pf_trace *t, struct pf_record record,
                       struct pf_error *err)
{
    return pf_trace_look(t, &record, err);
}

static void numbers_of_keys_only_have_to_grow(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record last;
    struct pf_error err;

    (void)state;
    assert_int_equal(look(&t, price(&t, 3), &err), PF_OK);
    assert_int_equal(look(&t, price(&t, 4), &err), PF_OK);
    last = price(&t, 90);
    assert_int_equal(look(&t, last, &err), PF_OK);
    assert_true(t.found);
    assert_int_equal(t.number, 90);
    assert_true(t.key == pf_key_hash(last.key, last.key_len));
    assert_int_equal(look(&t, price(&t, 90), &err), PF_FATAL);
    assert_contains(err.text, "at offset 590 should be number 91 or a later "
                              "one and is not");
    pf_trace_restart(&t);
    assert_int_equal(look(&t, price(&t, 5), &err), PF_OK);
}

static void numbers_of_one_partition_follow_each_other(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record plain;
    struct pf_error err;

    (void)state;
    t.by_key = false;
    assert_int_equal(look(&t, price(&t, 3), &err), PF_OK);
    assert_true(t.found && !t.followed);
    plain = price(&t, 4); /* without headers: one more than its predecessor */
    plain.headers = NULL;
    assert_int_equal(look(&t, plain, &err), PF_OK);
    assert_int_equal(t.number, 4);
    assert_true(t.followed);
    assert_int_equal(look(&t, price(&t, 6), &err), PF_FATAL);
    assert_contains(err.text, "at offset 506 should be number 5 and is not");
    pf_trace_restart(&t);
    assert_false(t.found || t.followed);
}

static void a_record_of_nobody_after_one_of_the_run_is_damage(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record alien = {.offset = 42, .value = "x", .value_len = 1};
    struct pf_error err;

    (void)state;
    assert_int_equal(look(&t, alien, &err), PF_OK); /* not after one */
    assert_false(t.found);
    assert_int_equal(look(&t, price(&t, 3), &err), PF_OK);
    assert_int_equal(look(&t, alien, &err), PF_FATAL);
    assert_contains(err.text, "at offset 42 has no headers of a run");
}

static void records_of_other_runs_do_not_matter(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record alien = {.offset = 42, .value = "x", .value_len = 1};
    struct pf_error err;

    (void)state;
    assert_int_equal(look(&t, price(&t, 3), &err), PF_OK);
    assert_int_equal(look(&t, record_of("other", 1, "x", "k"), &err), PF_OK);
    assert_int_equal(look(&t, alien, &err), PF_OK);
    assert_int_equal(t.number, 3);
    assert_int_equal(look(&t, price(&t, 8), &err), PF_OK);
    assert_int_equal(t.number, 8);
}

static void a_price_that_is_another_is_damage(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record wrong = price(&t, 3);
    struct pf_error err;

    (void)state;
    wrong.key = "999"; /* not its match */
    assert_int_equal(look(&t, wrong, &err), PF_FATAL);
    wrong = price(&t, 3);
    wrong.key = NULL; /* the run was in one partition */
    wrong.key_len = 0;
    assert_int_equal(look(&t, wrong, &err), PF_FATAL);
    wrong = price(&t, 3);
    wrong.value_len--;
    assert_int_equal(look(&t, wrong, &err), PF_FATAL);
    assert_contains(err.text, "should be number 3");
    wrong.value = NULL;
    wrong.value_len = 0;
    assert_int_equal(look(&t, wrong, &err), PF_FATAL);
}

static void a_key_in_another_partition_than_its_own_is_named(void **state)
{
    struct pf_trace t = by_key();
    struct pf_record moved;
    struct pf_error err;

    (void)state;
    t.seed = NULL; /* what it is does not matter */
    moved = record_of("r", 3, "x", "foobar");
    moved.partition = (pf_partition_of("foobar", 6, 6) + 1) % 6;
    assert_int_equal(look(&t, moved, &err), PF_FATAL);
    assert_contains(err.text, "the topic had another number of partitions");
    pf_trace_restart(&t);
    moved.partition = pf_partition_of("foobar", 6, 6);
    assert_int_equal(look(&t, moved, &err), PF_OK);
}

static void numbers_that_are_none_are_damage(void **state)
{
    static const char *const none[] = {"", "-1", "1x", "9223372036854775808",
                                       "99999999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++) {
        struct pf_trace t = by_key();
        const struct pf_header at[] = {{"feed-run", "r", 1},
                                       {"feed-seq", none[i], strlen(none[i])}};
        struct pf_record record = {.headers = &(struct pf_headers){at, 2},
                                   .header_at = pf_headers_at};

        assert_int_equal(pf_trace_look(&t, &record, NULL), PF_FATAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_keys_only_have_to_grow),
        cmocka_unit_test(numbers_of_one_partition_follow_each_other),
        cmocka_unit_test(a_record_of_nobody_after_one_of_the_run_is_damage),
        cmocka_unit_test(records_of_other_runs_do_not_matter),
        cmocka_unit_test(a_price_that_is_another_is_damage),
        cmocka_unit_test(a_key_in_another_partition_than_its_own_is_named),
        cmocka_unit_test(numbers_that_are_none_are_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
