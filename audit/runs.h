/* runs.h - the runs that a topic and a ledger name, each by an index. */
#ifndef PF_RUNS_H
#define PF_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "vec.h"

/** Not a run, or not a life. */
#define PF_NONE UINT32_MAX

struct pf_run {
    char name[PF_RUN_SIZE];
    uint32_t topic_life;  /* its newest in the topic, or PF_NONE */
    uint32_t ledger_life; /* its newest in the ledger, or PF_NONE */
};

/**
 * A stretch of a run in which numbers count up. A run has one life, and
 * another one after each time its numbers began anew with other bytes.
 */
struct pf_life {
    uint32_t run;
    uint32_t nth;   /* of its run, from 0 */
    uint32_t prev;  /* the run's life before this one, or PF_NONE */
    uint64_t first; /* the first number that came */
    uint32_t crc;   /* of the value of that number */
    uint64_t next;  /* the highest number + 1 */
    uint64_t base;  /* added to a number, counts the run's places on through
                     * all its lives */
};

typedef PF_VEC(struct pf_life) pf_lives;

struct pf_runs {
    PF_VEC(struct pf_run) list;
    uint32_t *slots; /* indices by the names' hashes, or PF_NONE */
    size_t n_slots;  /* a power of two, or 0 */
};

void pf_runs_release(struct pf_runs *runs);

/** The index of the run of that name, which is noted if it is new; PF_NONE
 * if memory ran out. */
uint32_t pf_runs_find(struct pf_runs *runs, const void *name, size_t len);

/**
 * The life that the record with that number and check sum belongs to:
 * *newest, the run's newest one in *lives, or one that begins now. A number
 * that goes back to the life's first one with other bytes begins another;
 * *ret_reset says so. PF_NONE if memory ran out.
 *
 * The caller counts the life's next up.
 */
uint32_t pf_life_of(pf_lives *lives, uint32_t *newest, uint32_t run,
                    uint64_t number, uint32_t crc, bool *ret_reset);

/** The run's nth life in *lives, from newest backwards; or PF_NONE. */
uint32_t pf_life_find(const pf_lives *lives, uint32_t newest, uint32_t nth);

#endif
