/* tickets.h - which tickets are through, for a sink that counts arrivals. */
#ifndef PF_TICKETS_H
#define PF_TICKETS_H

#include <stddef.h>
#include <stdint.h>

/** The ticket when nothing is under way: whatever was given is through. */
#define PF_TICKET_ALL UINT64_MAX

/** Up to this many tickets with records under way are told apart. Of more, the
 * newest share one place: they are through later, never too early. */
#define PF_TICKETS_MAX 64

/** How far a sink has come. */
struct pf_arrival {
    uint64_t records; /* how many of all that were taken have arrived */
    uint64_t through; /* the highest ticket up to which all have arrived;
                       * PF_TICKET_ALL: none is under way */
};

/** The records that a sink has taken, by their tickets. All zero: none yet.
 * Members are private to tickets.c. */
struct pf_tickets {
    uint64_t taken, arrived; /* how many records, in all */
    uint64_t last, before;   /* the ticket of the last record taken, and the one
                              * before that */
    struct pf_ticket {
        uint64_t before;      /* the ticket before this one */
        uint64_t first;       /* how many records were taken before its first */
        uint64_t open;        /* how many of its records have not arrived */
    } places[PF_TICKETS_MAX]; /* a ring: */
    size_t first, n;
};

/** The sink has taken n records of that ticket, which is not below an earlier
 * one. */
void pf_tickets_take(struct pf_tickets *tickets, uint64_t ticket, uint64_t n);

/** n records have arrived, in any order but each once: those before whose
 * first one number records were taken. What was not taken does not count. */
void pf_tickets_arrive(struct pf_tickets *tickets, uint64_t number, uint64_t n);

struct pf_arrival pf_tickets_arrival(const struct pf_tickets *tickets);

#endif
