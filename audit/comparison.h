/* comparison.h - what is compared in an audit, and what was found. */
#ifndef PF_COMPARISON_H
#define PF_COMPARISON_H

#include <stdbool.h>
#include <stdint.h>

#include "book.h"
#include "findings.h"
#include "lines.h"
#include "topic.h"

/** A range of numbers of one life that the topic has; ranges do not overlap. */
struct pf_cover {
    uint32_t life;
    uint64_t from, to; /* to is not included */
};

/** A stretch of places with consecutive numbers. */
struct pf_piece {
    uint32_t life;
    uint64_t number, n, place;
};

/** A number of a life, and what belongs to it. */
struct pf_key {
    uint32_t life;
    uint64_t number;
    uint64_t of; /* a place, or a sending */
};

/** What is compared, and the result. The caller sets the first part. */
struct pf_check {
    const struct pf_topic *topic;
    const struct pf_book *book;
    const struct pf_lines *lines; /* NULL: no console */

    /* All records acknowledged before this, in ns since 1970, were read. */
    int64_t read_ns;
    uint64_t twice_max;         /* this many lines may be printed twice */
    bool complete;              /* every record has to be printed */
    struct pf_histogram *print; /* gets the times from making to printing, ns */

    struct pf_findings findings;
    uint64_t unknown_there; /* of unknown fate, and in the topic */
    uint64_t unknown_absent;
    uint64_t not_judged; /* acknowledged, but outside of what was read */
    uint64_t printed;    /* records that have been */
    uint64_t unprinted;  /* records behind the last of these */
    uint64_t unnumbered; /* records without a number */
    bool valid;

    /* Working data of the parts below. */
    PF_VEC(struct pf_piece) pieces; /* sorted by life, number, place */
    PF_VEC(struct pf_cover) covers; /* sorted by life, number */
    PF_VEC(struct pf_key) excused;  /* numbers whose absence is not a loss */
    unsigned char *claimed; /* bits by place: the ledger knows this record */
    unsigned char *extra;   /* bits by place: a duplicate, or a phantom */
    unsigned char *altered; /* bits by place */
};

/* Both are false when memory ran out. */

/** Add a finding about the record at a place. */
bool pf_check_found(struct pf_check *check, enum pf_finding_kind kind,
                    uint64_t place);

/** Add a finding about n missing numbers of a life, from number on. place is
 * the one after them, or -1. */
bool pf_check_absent(struct pf_check *check, enum pf_finding_kind kind,
                     uint32_t life, uint64_t number, uint64_t n, int64_t place);

#endif
