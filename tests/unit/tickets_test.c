/* Tickets: what is through, and the positions that they stand for. */
#include "unit.h"

#include "kafka_positions.h"
#include "tickets.h"

/* The n oldest of those under way have arrived. */
static void arrive(struct pf_tickets *tickets, uint64_t n)
{
    pf_tickets_arrive(tickets, tickets->arrived, n);
}

static uint64_t through(const struct pf_tickets *tickets)
{
    return pf_tickets_arrival(tickets).through;
}

static void a_ticket_is_through_with_its_last_record(void **state)
{
    struct pf_tickets tickets = {0};

    (void)state;
    assert_true(through(&tickets) == PF_TICKET_ALL);
    pf_tickets_take(&tickets, 10, 10);
    assert_int_equal(through(&tickets), 0);
    pf_tickets_take(&tickets, 20, 3);
    arrive(&tickets, 9);
    assert_int_equal(through(&tickets), 0);
    arrive(&tickets, 1);
    assert_int_equal(through(&tickets), 10);
    arrive(&tickets, 3);
    assert_true(through(&tickets) == PF_TICKET_ALL);
    assert_int_equal(pf_tickets_arrival(&tickets).records, 13);
}

static void more_of_a_ticket_is_not_taken_for_the_next(void **state)
{
    struct pf_tickets tickets = {0};

    (void)state;
    pf_tickets_take(&tickets, 10, 4);
    arrive(&tickets, 4);
    pf_tickets_take(&tickets, 20, 5);
    arrive(&tickets, 5);
    pf_tickets_take(&tickets, 20, 0); /* as when there was no room */
    pf_tickets_take(&tickets, 20, 1);
    assert_int_equal(through(&tickets), 10);
}

static void partitions_may_answer_in_any_order(void **state)
{
    struct pf_tickets tickets = {0};

    (void)state;
    for (uint64_t ticket = 10; ticket <= 40; ticket += 10)
        pf_tickets_take(&tickets, ticket, 10);
    pf_tickets_arrive(&tickets, 25, 10); /* half of the third, and the fourth */
    assert_int_equal(through(&tickets), 0);
    pf_tickets_arrive(&tickets, 1, 9);
    assert_int_equal(through(&tickets), 0);
    pf_tickets_arrive(&tickets, 0, 1);
    assert_int_equal(through(&tickets), 10);
    pf_tickets_arrive(&tickets, 35, 5);
    pf_tickets_arrive(&tickets, 10, 10);
    assert_int_equal(through(&tickets), 20);
    pf_tickets_arrive(&tickets, 20, 5);
    assert_true(through(&tickets) == PF_TICKET_ALL);
    assert_int_equal(pf_tickets_arrival(&tickets).records, 40);
}

static void what_was_not_taken_does_not_arrive(void **state)
{
    struct pf_tickets tickets = {0};

    (void)state;
    pf_tickets_arrive(&tickets, 0, 5);
    assert_true(through(&tickets) == PF_TICKET_ALL);
    pf_tickets_take(&tickets, 10, 2);
    pf_tickets_take(&tickets, 20, 2);
    pf_tickets_arrive(&tickets, 4, 1);
    pf_tickets_arrive(&tickets, 7, 1000);
    assert_int_equal(pf_tickets_arrival(&tickets).records, 0);
    assert_int_equal(through(&tickets), 0);
    pf_tickets_arrive(&tickets, 0, 3);
    assert_int_equal(through(&tickets), 10);
    pf_tickets_arrive(&tickets, 3, 2); /* one too many */
    assert_true(through(&tickets) == PF_TICKET_ALL);
    assert_int_equal(pf_tickets_arrival(&tickets).records, 4);
}

/* A small generator of its own: the same numbers everywhere. */
static uint64_t number(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* Records of random tickets come and arrive; a simple list says what is
 * through. */
static void a_thousand_tickets_are_never_through_too_early(void **state)
{
    static uint64_t taken[100000]; /* the ticket of each record */
    struct pf_tickets tickets = {0};
    uint64_t seed = 1, n = 0, arrived = 0, ticket = 0;

    (void)state;
    while (ticket < 100000 && n < COUNT(taken) - 10) {
        uint64_t more = number(&seed, 10), before, gone = 0;

        ticket += number(&seed, 3) * 10 + !ticket;
        pf_tickets_take(&tickets, ticket, more);
        while (more--)
            taken[n++] = ticket;
        if (number(&seed, 40) == 0) /* else more and more is under way */
            gone = number(&seed, n - arrived + 1);
        arrive(&tickets, gone);
        arrived += gone;
        assert_int_equal(pf_tickets_arrival(&tickets).records, arrived);
        if (arrived == n) {
            assert_true(through(&tickets) == PF_TICKET_ALL);
            continue;
        }
        before = arrived;
        while (before && taken[before - 1] == taken[arrived])
            before--;
        assert_true(through(&tickets) <= (before ? taken[before - 1] : 0));
    }
    arrive(&tickets, n - arrived);
    assert_true(through(&tickets) == PF_TICKET_ALL);
}

static void the_newest_position_at_or_before_a_ticket_counts(void **state)
{
    struct pf_kafka_positions positions = {0};

    (void)state;
    assert_int_equal(pf_kafka_positions_take(&positions, 9), -1);
    for (uint64_t ticket = 10; ticket <= 50; ticket += 10)
        pf_kafka_positions_add(&positions, ticket, (int64_t)ticket * 100);
    assert_int_equal(pf_kafka_positions_take(&positions, 9), -1);
    assert_int_equal(pf_kafka_positions_take(&positions, 10), 1000);
    assert_int_equal(pf_kafka_positions_take(&positions, 10), -1);
    assert_int_equal(pf_kafka_positions_take(&positions, 39), 3000);
    assert_int_equal(pf_kafka_positions_take(&positions, 1000), 5000);
    assert_int_equal(pf_kafka_positions_take(&positions, 1000), -1);
}

static void too_many_positions_are_committed_later(void **state)
{
    struct pf_kafka_positions positions = {0};
    int64_t last = 0;

    (void)state;
    for (uint64_t ticket = 1; ticket <= 1000; ticket++)
        pf_kafka_positions_add(&positions, ticket, (int64_t)ticket);
    for (uint64_t ticket = 1; ticket <= 1000; ticket++) {
        int64_t next = pf_kafka_positions_take(&positions, ticket);

        assert_true(next <= (int64_t)ticket);
        last = next > 0 ? next : last;
    }
    assert_int_equal(last, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_through_with_its_last_record),
        cmocka_unit_test(more_of_a_ticket_is_not_taken_for_the_next),
        cmocka_unit_test(partitions_may_answer_in_any_order),
        cmocka_unit_test(what_was_not_taken_does_not_arrive),
        cmocka_unit_test(a_thousand_tickets_are_never_through_too_early),
        cmocka_unit_test(the_newest_position_at_or_before_a_ticket_counts),
        cmocka_unit_test(too_many_positions_are_committed_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
