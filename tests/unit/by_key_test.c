/* Which partition a key has, and what a partition has already. */
#include "unit.h"

#include "by_key.h"

static struct pf_record record(int64_t number, const char *key)
{
    return (struct pf_record){.partition = PF_BY_KEY,
                              .offset = number,
                              .key = key,
                              .key_len = key ? strlen(key) : 0,
                              .timestamp = 7};
}

static void a_key_has_the_partition_that_java_gives_it(void **state)
{
    /* murmur2 of Kafka's own UtilsTest, without the sign bit. */
    static const struct {
        const char *key;
        int32_t hash;
    } known[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++)
        for (size_t n = 1; n < 10; n++)
            assert_int_equal(
                pf_partition_of(known[i].key, strlen(known[i].key), n),
                (size_t)(known[i].hash & 0x7fffffff) % n);
}

static void without_a_key_it_is_that_of_an_empty_one(void **state)
{
    (void)state;
    assert_int_equal(pf_partition_of(NULL, 0, 6), pf_partition_of("", 0, 6));
    assert_int_equal(pf_partition_of(NULL, 0, 6),
                     (275646681 & 0x7fffffff) % 6); /* also of UtilsTest */
}

/* Keys of partition 0, 1 and 2. */
static const char *const keys[3] = {"21", "a", "b"};

/* Those records of the run are in the three partitions, each up to one of
 * these numbers, which has its key; -1: there is none. */
static struct pf_filter *open_filter(struct pf_place places[static 3],
                                     int64_t last0, int64_t last1,
                                     int64_t last2, uint64_t count)
{
    const int64_t last[] = {last0, last1, last2};
    struct pf_filter *filter;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(pf_partition_of(keys[i], strlen(keys[i]), 3), i);
        places[i] = (struct pf_place){
            .partition = i,
            .number = (uint64_t)(last[i] + 1),
            .key = pf_key_hash(keys[i], strlen(keys[i]))};
    }
    assert_int_equal(pf_by_key_filter_open(places, 3, count, &filter, NULL),
                     PF_OK);
    return filter;
}

/* Put in numbers first to last; they have the three keys in turn. */
static enum pf_rc put(struct pf_filter *filter, int first, int last,
                      struct pf_filtered *out, struct pf_error *err)
{
    static struct pf_record records[100];
    size_t n = 0;

    for (int i = first; i <= last; i++)
        records[n++] = record(i, keys[i % 3]);
    return filter->ops->apply(filter, records, n, out, err);
}

static void what_a_partition_has_is_left_out(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 12, 7, -1, 0);
    struct pf_record records[18];
    struct pf_filtered out;
    size_t kept = 0;

    (void)state;
    for (int i = 0; i < 18; i++)
        records[i] = record(i, keys[i % 3]);
    assert_int_equal(filter->ops->apply(filter, records, 18, &out, NULL),
                     PF_OK);
    for (size_t i = 0; i < 18; i++) {
        const struct pf_record *r = &out.outputs[0].records[kept];
        int32_t where = pf_partition_of(records[i].key, records[i].key_len, 3);

        if ((uint64_t)records[i].offset < places[where].number)
            continue;
        assert_int_equal(out.outputs[0].from[kept++], i);
        assert_int_equal(r->partition, where);
        assert_int_equal(r->offset, records[i].offset);
        assert_ptr_equal(r->key, records[i].key);
        assert_int_equal(r->timestamp, 7);
    }
    assert_in_range(kept, 1, 17);
    assert_int_equal(out.outputs[0].n, kept);
    assert_int_equal(out.n_refused, 0);
    assert_int_equal(records[0].partition, PF_BY_KEY); /* the source's own */
    pf_filter_close(filter);
}

static void after_its_places_it_only_sets_partitions(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 3, 4, -1, 0);
    const struct pf_record records[] = {record(5, "21"), record(6, NULL),
                                        record(7, "foobar")};
    struct pf_filtered out;

    (void)state;
    assert_int_equal(put(filter, 3, 4, &out, NULL), PF_OK);
    assert_int_equal(filter->ops->apply(filter, records, 3, &out, NULL), PF_OK);
    assert_int_equal(out.outputs[0].n, 3);
    assert_null(out.outputs[0].from);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            out.outputs[0].records[i].partition,
            pf_partition_of(records[i].key, records[i].key_len, 3));
    pf_filter_close(filter);
}

static void batches_of_any_size_and_of_none(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 999, -1, -1, 0);
    static struct pf_record records[5000];
    struct pf_filtered out;

    (void)state;
    for (int i = 0; i < 5000; i++)
        records[i] = record(i, keys[0]);
    assert_int_equal(filter->ops->apply(filter, records, 1000, &out, NULL),
                     PF_OK);
    assert_int_equal(out.outputs[0].n, 0);
    assert_int_equal(filter->ops->apply(filter, records, 5000, &out, NULL),
                     PF_OK);
    assert_int_equal(out.outputs[0].n, 4000);
    assert_int_equal(out.outputs[0].from[0], 1000);
    pf_filter_close(filter);
}

static void a_last_record_that_has_another_key_ends_it(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 6, 7, 8, 0);
    struct pf_record moved = record(7, keys[2]);
    struct pf_filtered out;
    struct pf_error err;

    (void)state;
    assert_int_equal(put(filter, 6, 6, &out, &err), PF_OK);
    assert_int_equal(filter->ops->apply(filter, &moved, 1, &out, &err),
                     PF_FATAL);
    assert_contains(err.text, "number 7 of the run, the last one in partition "
                              "1, has another key now");
    pf_filter_close(filter);

    /* Of the same partition, too. */
    filter = open_filter(places, 6, 7, 8, 0);
    moved = record(6, "foobar");
    assert_int_equal(pf_partition_of(moved.key, moved.key_len, 3), 0);
    assert_int_equal(filter->ops->apply(filter, &moved, 1, &out, &err),
                     PF_FATAL);
    assert_contains(err.text, "number 6 of the run");
    pf_filter_close(filter);
}

static void a_number_that_two_partitions_had_last_ends_it(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 6, 6, -1, 0);
    struct pf_filtered out;
    struct pf_error err;

    (void)state;
    assert_int_equal(put(filter, 0, 9, &out, &err), PF_FATAL);
    assert_contains(err.text, "in partition 1, has another key now");
    pf_filter_close(filter);
}

static void a_last_record_that_never_comes_ends_it(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 6, 22, 5, 0);
    struct pf_filtered out;
    struct pf_error err;

    (void)state;
    assert_true(filter->ops->due_ms(filter) == INT64_MAX);
    assert_int_equal(put(filter, 5, 21, &out, &err), PF_OK);
    assert_int_equal(filter->ops->wake(filter, false, &out, &err), PF_OK);
    assert_int_equal(filter->ops->wake(filter, true, &out, &err), PF_FATAL);
    assert_contains(err.text, "number 22 of the run, the last one in partition "
                              "1, does not come any more");
    assert_int_equal(put(filter, 22, 22, &out, &err), PF_OK);
    assert_int_equal(filter->ops->wake(filter, true, &out, &err), PF_OK);
    assert_int_equal(out.outputs[0].n, 0);
    pf_filter_close(filter);
}

static void none_goes_from_the_count_on(void **state)
{
    struct pf_place places[3];
    struct pf_filter *filter = open_filter(places, 6, 22, 5, 10);
    struct pf_filtered out;

    (void)state;
    assert_int_equal(put(filter, 5, 22, &out, NULL), PF_OK);
    assert_int_equal(out.outputs[0].n, 2); /* not 7, which partition 1 has */
    assert_int_equal(out.outputs[0].records[0].offset, 8);
    assert_int_equal(out.outputs[0].records[1].offset, 9);
    pf_filter_close(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_the_partition_that_java_gives_it),
        cmocka_unit_test(without_a_key_it_is_that_of_an_empty_one),
        cmocka_unit_test(what_a_partition_has_is_left_out),
        cmocka_unit_test(after_its_places_it_only_sets_partitions),
        cmocka_unit_test(batches_of_any_size_and_of_none),
        cmocka_unit_test(a_last_record_that_has_another_key_ends_it),
        cmocka_unit_test(a_number_that_two_partitions_had_last_ends_it),
        cmocka_unit_test(a_last_record_that_never_comes_ends_it),
        cmocka_unit_test(none_goes_from_the_count_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
