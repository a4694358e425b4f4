/* kafka_positions.h - which position in a partition belongs to a ticket. */
#ifndef PF_KAFKA_POSITIONS_H
#define PF_KAFKA_POSITIONS_H

#include <stddef.h>
#include <stdint.h>

/** How many are kept. If there are more, the newest is forgotten for the next:
 * that commits later, never too early. */
#define PF_KAFKA_POSITIONS_MAX 64

/** Positions of one partition that were read and not committed yet. All zero:
 * none. Members are private to kafka_positions.c. */
struct pf_kafka_positions {
    struct pf_kafka_position {
        uint64_t ticket;
        int64_t next;
    } ring[PF_KAFKA_POSITIONS_MAX];
    size_t first, n;
};

/** Once everything up to this ticket is through, the partition is at next.
 * ticket is above those before. */
void pf_kafka_positions_add(struct pf_kafka_positions *positions,
                            uint64_t ticket, int64_t next);

/** The newest position at or before that ticket, which is then forgotten, as
 * are those before it; -1: there is none. */
int64_t pf_kafka_positions_take(struct pf_kafka_positions *positions,
                                uint64_t ticket);

#endif
