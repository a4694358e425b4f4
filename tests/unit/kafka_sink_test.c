/* The producing sink, against librdkafka's mock of a cluster. */
#include "unit.h"

#include "kafka_sink.h"

/* Where a sink that is to begin at first_offset of an empty topic gets to;
 * *arrived is how many of its 3 records came. */
static enum pf_rc produce_three(int64_t first_offset, uint64_t *arrived,
                                struct pf_error *err)
{
    const struct pf_record records[] = {
        {.offset = 40, .value = "a", .value_len = 1},
        {.offset = 41, .value = "b", .value_len = 1},
        {.offset = 42, .value = "c", .value_len = 1},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct pf_sink *sink;
    size_t taken = 0, n;
    enum pf_rc rc;

    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    assert_int_equal(
        pf_kafka_sink_open(
            conf,
            &(struct pf_kafka_target){
                .topic = "t", .run = "r", .first_offset = first_offset},
            &sink, err),
        PF_OK);
    do {
        rc = sink->ops->write(sink, records + taken, 3 - taken, &n, err);
        taken += n;
        if (!rc || rc == PF_AGAIN)
            rc = sink->ops->flush(sink, 5000, arrived, err);
    } while (rc == PF_AGAIN || (!rc && taken < 3));
    pf_kafka_sink_give_up(sink);
    pf_sink_close(sink);
    return rc;
}

static void goes_on_when_the_first_record_comes_where_it_should(void **state)
{
    struct pf_error err;
    uint64_t arrived;

    (void)state;
    assert_int_equal(produce_three(0, &arrived, &err), PF_OK);
    assert_int_equal(arrived, 3);
    assert_int_equal(produce_three(-1, &arrived, &err), PF_OK);
    assert_int_equal(arrived, 3);
}

static void ends_when_it_comes_elsewhere_and_sends_nothing_else(void **state)
{
    struct pf_error err;
    uint64_t arrived;

    (void)state;
    assert_int_equal(produce_three(7, &arrived, &err), PF_FATAL);
    assert_int_equal(arrived, 1);
    assert_contains(err.text, "run r goes on came to offset 0 of t [0] and "
                              "not to 7: somebody else writes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_when_the_first_record_comes_where_it_should),
        cmocka_unit_test(ends_when_it_comes_elsewhere_and_sends_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
