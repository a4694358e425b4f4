/* comparison.h - the parts of an audit, each of which holds one thing against
 * another, and what they share: what is compared, and the result. What returns
 * a bool is false when memory ran out. */
#ifndef PF_COMPARISON_H
#define PF_COMPARISON_H

#include <stdbool.h>
#include <stdint.h>

#include "book.h"
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

/** A stretch of places with consecutive numbers: a span of a slice. */
struct pf_piece {
    uint32_t slice, span;
};

/** From which number on a life's records can be missed. */
struct pf_floor {
    uint64_t opens;  /* its first number, as far as that can be known */
    uint64_t number; /* those below may have been in a slice */
    uint32_t slice;  /* whose beginning is gone: this one; PF_NONE: none */
};

/** What is compared, and the result. The caller sets the first part. */
struct pf_check {
    struct pf_topic *topic; /* it is laid out, and not changed otherwise */
    const struct pf_book *book;
    const struct pf_lines *lines; /* NULL: no console */

    int64_t read_ns;    /* all records acknowledged before this, in ns since
                         * 1970, were read */
    int64_t end;        /* only what is before this offset was read; 0: all */
    uint64_t twice_max; /* this many lines may be printed twice */
    bool complete;      /* every record has to be printed */

    struct pf_findings findings;
    uint64_t unknown_there; /* of unknown fate, and in the topic */
    uint64_t unknown_absent;
    uint64_t not_judged;       /* acknowledged, but outside of what was read */
    uint64_t gone;             /* numbers that a slice may have had, and lost */
    uint32_t gone_from;        /* that slice, of the first of them */
    uint64_t printed;          /* records that have been */
    uint64_t unprinted;        /* records behind the last of these */
    uint64_t unjudged;         /* matches whose lines have no known order */
    bool unknown_keys;         /* no line's key is known, so none is judged */
    struct pf_histogram print; /* ns from making to printing, if known */
    bool valid;

    /* Working data of the parts below; keys are sorted. */
    PF_VEC(struct pf_piece) pieces; /* sorted by life, number and place */
    uint64_t longest;               /* of the pieces */
    pf_keys covers; /* numbers that the topic has; they do not overlap */
    struct pf_floor *floors; /* of each life */
    pf_keys excused;         /* numbers whose absence is not a loss */
    unsigned char *claimed;  /* bits by place: the ledger knows this record */
    unsigned char *extra;    /* bits by place: a duplicate, or a phantom */
    unsigned char *twins;    /* bits by place: its number is there again */
    unsigned char *altered;  /* bits by place */
};

/** Compare the topic with the ledger. */
bool pf_check_ledger(struct pf_check *check);

/** Look for gaps, repetitions and disorder in the topic's numbers. */
bool pf_check_numbers(struct pf_check *check);

/** Look for disorder within keys, and for keys in several partitions. For all
 * partitions, after pf_check_numbers(). */
bool pf_check_keys(struct pf_check *check);

/** Compare the console with the topic. */
bool pf_check_console(struct pf_check *check);

/** Add a finding about the record at a place. */
bool pf_check_found(struct pf_check *check, enum pf_finding_kind kind,
                    uint64_t place);

/** Add a finding about n missing numbers of a life, from number on. place is
 * the one after them, or -1. */
bool pf_check_absent(struct pf_check *check, enum pf_finding_kind kind,
                     const struct pf_life *life, uint64_t number, uint64_t n,
                     int64_t place);

/** Sort the topic's numbers: fill pieces, covers and floors. */
bool pf_check_index(struct pf_check *check);

/** Fill floors; the covers are there. A part of pf_check_index(). */
bool pf_check_floors(struct pf_check *check);

/** The ith piece; of is its first place. */
struct pf_key pf_check_piece(const struct pf_check *check, size_t i);

/** The first place with this number, or -1. */
int64_t pf_check_place(const struct pf_check *check, uint32_t life,
                       uint64_t number);

/** Sort keys by life, number and of. */
void pf_keys_sort(pf_keys *keys);

/** Index of the first of the sorted keys that is not below life, number. */
size_t pf_keys_find(const pf_keys *keys, uint32_t life, uint64_t number);

#endif
