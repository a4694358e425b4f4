/* Asking for the cluster's metadata where a broker does not answer. */
#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <string.h>

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h first */

#include "clock.h"
#include "kafka_answer.h"
#include "unit.h"

#define SLOW_MS 60000     /* a broker that answers no request in time */
#define TIMEOUTS 6        /* lines: two for each of the three times it asks */
#define PATIENCE_MS 20000 /* what is waited for comes within 3 s */

static atomic_int timeouts;

/* The broker is well again once librdkafka has given the question up. */
static void on_log(const rd_kafka_t *rk, int level, const char *what,
                   const char *text)
{
    (void)level;
    (void)text;
    if (!strcmp(what, "REQTMOUT") && ++timeouts == TIMEOUTS)
        rd_kafka_mock_broker_set_rtt(rd_kafka_handle_mock_cluster(rk), -1, 0);
}

static rd_kafka_resp_err_t ask(rd_kafka_t *rk)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_resp_err_t failed = pf_kafka_answer(
        rk, true, pf_now_ms() + PATIENCE_MS, &answer);

    if (failed)
        return failed;
    assert_int_equal(answer->broker_cnt, 1);
    rd_kafka_metadata_destroy(answer);
    return failed;
}

/* librdkafka does not tell who asked that it has given up. */
static void a_question_that_is_given_up_is_asked_again(void **state)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;

    (void)state;
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rd_kafka_conf_set(conf, "socket.timeout.ms", "100", NULL, 0);
    rd_kafka_conf_set(conf, "topic.metadata.refresh.interval.ms", "-1", NULL,
                      0);
    rd_kafka_conf_set(conf, "socket.max.fails", "0", NULL, 0);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
    assert_non_null(rk);
    assert_int_equal(ask(rk), 0); /* there is a connection */
    rd_kafka_mock_broker_set_rtt(rd_kafka_handle_mock_cluster(rk), -1, SLOW_MS);
    assert_int_equal(ask(rk), 0);
    assert_true(timeouts >= TIMEOUTS);
    rd_kafka_destroy(rk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_that_is_given_up_is_asked_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
