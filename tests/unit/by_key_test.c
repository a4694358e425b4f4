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

static struct pf_filter *open_filter(const struct pf_place *places)
{
    struct pf_filter *filter;

    assert_int_equal(pf_by_key_filter_open(places, 3, &filter, NULL), PF_OK);
    return filter;
}

static void what_a_partition_has_is_left_out(void **state)
{
    const struct pf_place places[] = {{0, 5, 0}, {1, 3, 0}, {2, 0, 0}};
    const char *const keys[] = {"21", "foobar", "b"};
    struct pf_filter *filter = open_filter(places);
    struct pf_record records[18];
    struct pf_filtered out;
    size_t kept = 0;

    (void)state;
    for (int i = 0; i < 18; i++)
        records[i] = record(i / 3, keys[i % 3]);
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
    const struct pf_place places[] = {{0, 5, 0}, {1, 3, 0}, {2, 0, 0}};
    struct pf_filter *filter = open_filter(places);
    const struct pf_record records[] = {record(5, "21"), record(6, NULL),
                                        record(7, "foobar")};
    struct pf_filtered out;

    (void)state;
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
    const struct pf_place places[] = {{0, 1000, 0}, {1, 1000, 0}, {2, 1000, 0}};
    struct pf_filter *filter = open_filter(places);
    static struct pf_record records[5000];
    struct pf_filtered out;

    (void)state;
    for (int i = 0; i < 5000; i++)
        records[i] = record(i, "k");
    assert_int_equal(filter->ops->apply(filter, records, 1000, &out, NULL),
                     PF_OK);
    assert_int_equal(out.outputs[0].n, 0);
    assert_int_equal(filter->ops->apply(filter, records, 5000, &out, NULL),
                     PF_OK);
    assert_int_equal(out.outputs[0].n, 4000);
    assert_int_equal(out.outputs[0].from[0], 1000);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
