/* A group that changes while a member has given only half of what it fetched. A
 * batch ends where the offsets of a partition go back, and the rest of the
 * fetch is left for the next ones. */
#include "kafka_members.h"

#include <poll.h>

#include "kafka_consumer.h"

static const struct pf_kafka_consumer *inside(const struct member *m)
{
    return (const struct pf_kafka_consumer *)m->source;
}

static bool has_left_over(const struct member *m)
{
    return inside(m)->n_seen < inside(m)->n_messages;
}

static rd_kafka_queue_t *queue_of(const struct member *m)
{
    return rd_kafka_queue_get_consumer(pf_kafka_source_client(m->source));
}

/* Have a member read each partition until that has told that this is its end.
 * One broker has all of them: a request to fetch is for all. */
static void begin(struct world *w, struct member *m)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    int ends = 0;

    for (int p = 0; p < PARTITIONS; p++)
        rd_kafka_mock_partition_set_leader(w->mock, "t", p, 1);
    join(w, m);
    while (ends < PARTITIONS && pf_now_ms() < deadline) {
        turn(w, m);
        ends = 0;
        for (int p = 0; p < PARTITIONS; p++)
            ends += pf_kafka_source_at_end(m->source, "t", p);
    }
    assert_int_equal(ends, PARTITIONS);
    assert_int_equal(m->ticket, RECORDS);
}

/* Have the broker of all partitions say that it does not have what the member
 * asks for, so that all come again from the beginning. Once they are there,
 * give the member what comes before the second of them. */
static void give_half(struct world *w, struct member *m)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    rd_kafka_queue_t *queue = queue_of(m);

    rd_kafka_mock_push_request_errors(w->mock, 1 /* Fetch */, 1,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    while (rd_kafka_queue_length(queue) < RECORDS && pf_now_ms() < deadline)
        poll(NULL, 0, 1);
    rd_kafka_queue_destroy(queue);
    assert_int_equal(turn(w, m), PF_OK);
    assert_true(has_left_over(m));
}

/* Wait until librdkafka tells of a change, as it may in the middle of a fetch;
 * there is nothing else to be fetched. */
static void hear_of_change(const struct member *m)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    rd_kafka_queue_t *queue = queue_of(m);
    rd_kafka_message_t *message;

    while (!inside(m)->group.list && pf_now_ms() < deadline)
        if (rd_kafka_consume_batch_queue(queue, 20, &message, 1) > 0) {
            assert_int_equal(message->err, RD_KAFKA_RESP_ERR__PARTITION_EOF);
            rd_kafka_message_destroy(message);
        }
    rd_kafka_queue_destroy(queue);
    assert_non_null(inside(m)->group.list);
}

static void what_is_left_of_lost_partitions_is_not_given(void **state)
{
    unsigned before[PARTITIONS][RECORDS];
    struct world *w = *state;
    int64_t deadline;
    struct member m;
    uint64_t given;

    w->session = "3000";
    begin(w, &m);
    give_half(w, &m);
    given = m.ticket;
    rd_kafka_mock_push_request_errors(w->mock, 12 /* Heartbeat */, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    hear_of_change(&m);
    assert_int_equal(turn(w, &m), PF_SETTLE);
    assert_true(m.lost);
    assert_int_equal(m.partitions, 0);
    deadline = pf_now_ms() + PATIENCE_MS;
    while (!m.partitions && pf_now_ms() < deadline)
        turn(w, &m);
    assert_int_equal(m.partitions, PARTITIONS);
    assert_int_equal(m.ticket, given);

    /* They come again from their beginning: nothing was committed. */
    for (int p = 0; p < PARTITIONS; p++)
        memcpy(before[p], w->seen[p], sizeof before[p]);
    read_up_to(w, &m, given + RECORDS);
    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; i < RECORDS / PARTITIONS; i++)
            assert_int_equal(w->seen[p][i], before[p][i] + 1);
    leave(&m);
}

/* Produce n more of each partition, and have both members read them. */
static void read_more(struct world *w, struct member *a, struct member *b,
                      int n)
{
    int64_t deadline = pf_now_ms() + PATIENCE_MS;
    int last = RECORDS / PARTITIONS + n - 1, have = 0;

    produce(w, n * PARTITIONS);
    while (have < PARTITIONS && pf_now_ms() < deadline) {
        turn(w, a);
        turn(w, b);
        have = 0;
        for (int p = 0; p < PARTITIONS; p++)
            have += w->seen[p][last] > 0;
    }
    assert_int_equal(have, PARTITIONS);
}

static void what_is_left_is_given_before_partitions_are_given_away(void **state)
{
    struct world *w = *state;
    struct member a, b;

    w->strategy = "cooperative-sticky";
    begin(w, &a);
    give_half(w, &a);
    join(w, &b);
    hear_of_change(&a);
    while (has_left_over(&a))
        turn(w, &a);
    assert_int_equal(a.partitions, PARTITIONS);
    assert_int_equal(a.ticket, 2 * RECORDS);
    assert_seen(w, 2);
    assert_int_equal(turn(w, &a), PF_SETTLE);
    assert_int_equal(a.partitions, PARTITIONS / 2);
    assert_false(a.lost);

    /* Those that stay go on where they were. */
    read_more(w, &a, &b, 10);
    assert_int_equal(a.partitions, PARTITIONS / 2);
    for (int p = 0; p < PARTITIONS; p++)
        for (int i = 0; a.has[p] && i < RECORDS / PARTITIONS + 10; i++)
            assert_int_equal(w->seen[p][i], i < RECORDS / PARTITIONS ? 2 : 1);
    leave(&a);
    leave(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_of_lost_partitions_is_not_given),
        TEST(what_is_left_is_given_before_partitions_are_given_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
