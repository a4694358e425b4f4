#include "kafka_positions.h"

void pf_kafka_positions_add(struct pf_kafka_positions *p, uint64_t ticket,
                            int64_t next)
{
    if (p->n < PF_KAFKA_POSITIONS_MAX)
        p->n++;
    p->ring[(p->first + p->n - 1) % PF_KAFKA_POSITIONS_MAX] =
        (struct pf_kafka_position){.ticket = ticket, .next = next};
}

int64_t pf_kafka_positions_take(struct pf_kafka_positions *p, uint64_t ticket)
{
    int64_t next = -1;

    while (p->n && p->ring[p->first].ticket <= ticket) {
        next = p->ring[p->first].next;
        p->first = (p->first + 1) % PF_KAFKA_POSITIONS_MAX;
        p->n--;
    }
    return next;
}
