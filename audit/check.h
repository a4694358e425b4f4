/* check.h - decides whether a feed was delivered: compares topic, ledger and
 * console.
 *
 * Nothing here reads or writes files: the caller passes in what was read, so a
 * test can make it up.
 */
#ifndef PF_CHECK_H
#define PF_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "book.h"
#include "error.h"
#include "findings.h"
#include "lines.h"
#include "topic.h"

/** A number of a life, or n from number on, and what belongs to the first. */
struct pf_key {
    uint32_t life;
    uint64_t number;
    uint64_t of; /* a place, a sending, or a span of sendings */
    uint64_t n;
};

typedef PF_VEC(struct pf_key) pf_keys;

/** What is compared, and the result. The caller sets the first part. */
struct pf_check {
    const struct pf_topic *topic;
    const struct pf_book *book;
    const struct pf_lines *lines; /* NULL: no console */

    /* All records acknowledged before this, in ns since 1970, were read. */
    int64_t read_ns;
    uint64_t twice_max; /* this many lines may be printed twice */
    bool complete;      /* every record has to be printed */

    struct pf_findings findings;
    uint64_t unknown_there; /* of unknown fate, and in the topic */
    uint64_t unknown_absent;
    uint64_t not_judged;       /* acknowledged, but outside of what was read */
    uint64_t printed;          /* records that have been */
    uint64_t unprinted;        /* records behind the last of these */
    struct pf_histogram print; /* ns from making to printing, if known */
    bool valid;

    /* Working data of the parts in comparison.h; keys are sorted. */
    pf_keys pieces;  /* stretches of places with consecutive numbers */
    pf_keys covers;  /* numbers that the topic has; they do not overlap */
    pf_keys excused; /* numbers whose absence is not a loss */
    unsigned char *claimed; /* bits by place: the ledger knows this record */
    unsigned char *extra;   /* bits by place: a duplicate, or a phantom */
    unsigned char *altered; /* bits by place */
};

/**
 * Compare everything, and fill *check.
 *
 * PF_UNDECIDED  neither topic nor ledger tells what should be there; *err says
 *               why
 * PF_NOMEM      memory ran out
 *
 * Whatever the outcome, pf_check_release() it.
 */
enum pf_rc pf_check_run(struct pf_check *check, struct pf_error *err);

void pf_check_release(struct pf_check *check);

#endif
