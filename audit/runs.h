/* runs.h - the runs named by a topic and a ledger; each has an index. */
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
    uint32_t index;
};

/**
 * A stretch of a run in which numbers count up. A run has one life, and a new
 * one each time its numbers start again with other bytes.
 */
struct pf_life {
    uint32_t run;
    uint32_t nth;   /* which life of its run, from 0 */
    uint32_t prev;  /* the run's previous life, or PF_NONE */
    uint64_t first; /* its lowest number */
    uint32_t crc;   /* of the value with that number */
    uint64_t next;  /* its highest number + 1 */
    uint64_t base;  /* base + number counts on through all lives of the run */
};

typedef PF_VEC(struct pf_life) pf_lives;

struct pf_runs {
    PF_VEC(struct pf_run *) list; /* by index */
    void *by_name;                /* the same as a tree, for tfind(3) */
    uint32_t last;                /* the index that was last found */
};

void pf_runs_release(struct pf_runs *runs);

/** The index of the run with that name, which is added if it is new; PF_NONE if
 * memory ran out. */
uint32_t pf_runs_find(struct pf_runs *runs, const void *name, size_t len);

/**
 * The life that a record with this number and checksum belongs to: *newest, the
 * run's newest one in *lives, or a new one. A new life begins, and *ret_reset
 * is true, when the number is the life's first one with another checksum, or
 * below the first one and not just a late first number (see REORDER_MAX).
 * PF_NONE if memory ran out.
 *
 * The caller has to advance the life's next.
 */
uint32_t pf_life_of(pf_lives *lives, uint32_t *newest, uint32_t run,
                    uint64_t number, uint32_t crc, bool *ret_reset);

/** The same for a run that has one life, in whatever order its numbers come:
 * those of several partitions. Its first and crc are not set. */
uint32_t pf_life_whole(pf_lives *lives, uint32_t *newest, uint32_t run);

#endif
