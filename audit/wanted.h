/* wanted.h - the lines that a consumer of a topic has to print. */
#ifndef PF_WANTED_H
#define PF_WANTED_H

#include "topic.h"

/** From the nth wanted line on, until the next shift, places count up. */
struct pf_shift {
    uint64_t nth, place;
};

/** One line for each record that is not refused, in order: those of one
 * partition, or those of one match. */
struct pf_wanted {
    const uint32_t *crcs;
    size_t n;
    uint32_t *own; /* crcs, if it is not the partition's array */
    PF_VEC(struct pf_shift) shifts;
    const uint32_t *places; /* of a match: of each line; else NULL */
};

/** Find those of a topic's only partition; release them in any case. Borrows
 * from topic. False: memory ran out. */
bool pf_wanted_init(struct pf_wanted *wanted, const struct pf_topic *topic);

/** The same for the records at these n places, which stay the caller's. None of
 * them is refused. */
bool pf_wanted_at(struct pf_wanted *wanted, const struct pf_topic *topic,
                  const uint32_t *places, size_t n);

void pf_wanted_release(struct pf_wanted *wanted);

/** The place of the nth wanted line, from 0. */
uint64_t pf_wanted_place(const struct pf_wanted *wanted, size_t nth);

/** Of a match: the first wanted line whose place is not below that, or n. */
size_t pf_wanted_find(const struct pf_wanted *wanted, uint64_t place);

#endif
