/* check.h - whether a feed was delivered: topic, ledger and console compared.
 *
 * Nothing here reads or writes: what was read is handed in, so that a test can
 * make it up.
 */
#ifndef PF_CHECK_H
#define PF_CHECK_H

#include "book.h"
#include "findings.h"
#include "lines.h"
#include "topic.h"

/** The numbers of one life that the topic has, without overlaps. */
struct pf_cover {
    uint32_t life;
    uint64_t from, to; /* to: the one after the last */
};

/** A stretch of places with numbers in a row. */
struct pf_piece {
    uint32_t life;
    uint64_t number, n, place;
};

/** A number of a life, with what one looks it up for. */
struct pf_key {
    uint32_t life;
    uint64_t number;
    uint64_t of; /* a place, or a sending */
};

/** What is compared, and what came of it. The first part is the caller's. */
struct pf_check {
    const struct pf_topic *topic;
    const struct pf_book *book;
    const struct pf_lines *lines; /* NULL: no console */

    /* What was acknowledged before this, ns since 1970, has been read. */
    int64_t read_ns;
    uint64_t twice_max;         /* so many lines may be printed twice */
    bool complete;              /* all has to be printed */
    struct pf_histogram *print; /* gets the times from making to printing */

    struct pf_findings findings;
    uint64_t unknown_there; /* of unknown fate, and in the topic */
    uint64_t unknown_absent;
    uint64_t not_judged; /* acknowledged, but outside of what was read */
    uint64_t printed;    /* records that have been */
    uint64_t unprinted;  /* records behind the last of these */
    uint64_t unnumbered; /* records without a number */
    bool valid;

    /* Working data of the parts below. */
    PF_VEC(struct pf_piece) pieces; /* by life, number, place */
    PF_VEC(struct pf_cover) covers; /* by life, number */
    PF_VEC(struct pf_key) excused;  /* a hole here is none */
    unsigned char *claimed; /* bits by place: the ledger knows this record */
    unsigned char *extra;   /* bits by place: a duplicate, or nobody's */
    unsigned char *altered; /* bits by place */
};

/**
 * Compare all, and fill *check.
 *
 * PF_UNDECIDED  nothing in the topic or the ledger tells what should be there;
 *               *err says what
 * PF_NOMEM      memory ran out
 *
 * Whatever the outcome, pf_check_release() it.
 */
enum pf_rc pf_check_run(struct pf_check *check, struct pf_error *err);

void pf_check_release(struct pf_check *check);

/* The parts. False: memory ran out. */

/** Sort the topic's numbers: fill pieces and covers. */
bool pf_check_index(struct pf_check *check);

/** Hold the topic against the ledger. */
bool pf_check_ledger(struct pf_check *check);

/** Look for holes, repetitions and disorder in the topic's numbers. */
bool pf_check_numbers(struct pf_check *check);

/** Hold the console against the topic. */
bool pf_check_console(struct pf_check *check);

/** Note one finding about the record at a place. */
bool pf_check_found(struct pf_check *check, enum pf_finding_kind kind,
                    uint64_t place);

/** Note n numbers of a life from number on as a finding about no place but
 * the one behind it, or -1. */
bool pf_check_absent(struct pf_check *check, enum pf_finding_kind kind,
                     uint32_t life, uint64_t number, uint64_t n, int64_t place);

/** The first place of that number, or -1. */
int64_t pf_check_place(const struct pf_check *check, uint32_t life,
                       uint64_t number);

/** Sort keys by life, number and of. */
void pf_keys_sort(struct pf_key *keys, size_t n);

/** The first of the sorted keys that is not below life, number. */
size_t pf_keys_find(const struct pf_key *keys, size_t n, uint32_t life,
                    uint64_t number);

#endif
