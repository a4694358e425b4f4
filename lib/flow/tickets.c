#include "tickets.h"

#include <stdbool.h>

static struct pf_ticket *place(struct pf_tickets *t, size_t i)
{
    return &t->places[(t->first + i) % PF_TICKETS_MAX];
}

void pf_tickets_take(struct pf_tickets *t, uint64_t ticket, uint64_t n)
{
    bool is_next = ticket != t->last;

    if (!n)
        return;
    if (is_next) {
        t->before = t->last;
        t->last = ticket;
    }
    if (!t->n || (is_next && t->n < PF_TICKETS_MAX))
        *place(t, t->n++) = (struct pf_ticket){.before = t->before,
                                               .first = t->taken};
    place(t, t->n - 1)->open += n;
    t->taken += n;
}

void pf_tickets_arrive(struct pf_tickets *t, uint64_t number, uint64_t n)
{
    if (number >= t->taken)
        return;
    if (n > t->taken - number)
        n = t->taken - number;
    t->arrived += n;
    for (size_t i = 0; n && i < t->n; i++) {
        uint64_t end = i + 1 < t->n ? place(t, i + 1)->first : t->taken;
        uint64_t here = number >= end ? 0 : n < end - number ? n : end - number;

        place(t, i)->open -= here;
        number += here;
        n -= here;
    }
    while (t->n && !place(t, 0)->open) {
        t->first = (t->first + 1) % PF_TICKETS_MAX;
        t->n--;
    }
}

struct pf_arrival pf_tickets_arrival(const struct pf_tickets *t)
{
    return (struct pf_arrival){.records = t->arrived,
                               .through = t->n ? t->places[t->first].before
                                               : PF_TICKET_ALL};
}
