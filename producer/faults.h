/* faults.h - damage done on purpose: which records of a run, and how.
 *
 * A program that reads prices is tested with a feed that is wrong in known
 * places. Which these are follows from a seed and a record's number alone, so
 * that the same setting damages the same records on every machine.
 */
#ifndef PF_FAULTS_H
#define PF_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

/** Kinds of fault: the setting's word for it, and pf-audit's word for what it
 * then finds, which is what the answer sheet has. */
#define PF_FAULT_MAP(X)                          \
    X(DROP, "drop", "lost")                      \
    X(DUPLICATE, "duplicate", "duplicate")       \
    X(REORDER, "reorder", "reordered")           \
    X(DELAY, "delay", "late")                    \
    X(TRUNCATE, "truncate", "altered")           \
    X(WRONG_TYPE, "wrong-type", "altered")       \
    X(MISSING_FIELD, "missing-field", "altered") \
    X(ABSURD_PRICE, "absurd-price", "altered")   \
    X(SEQUENCE_RESET, "sequence-reset", "reset") \
    X(SILENCE, "silence", "silence")

enum pf_fault_kind {
#define PF_FAULT_ENUM(name, word, finding) PF_FAULT_##name,
    PF_FAULT_MAP(PF_FAULT_ENUM)
#undef PF_FAULT_ENUM
        PF_FAULT_KINDS, /* how many */
    PF_FAULT_NONE = PF_FAULT_KINDS
};

/**
 * Faults are dealt out by blocks of so many records: at most one to a block,
 * and that in its first half. So any two are at least 16 records apart, which
 * lets a reader tell them from each other, and no record's fault depends on
 * another's. The first block has none: each run begins well.
 */
#define PF_FAULT_BLOCK 32

/** The sum of all rates is at most this: nearly one fault in each block. */
#define PF_FAULT_RATE_MAX 0.03

/** What to damage. All zero: nothing. */
struct pf_faults {
    double rates[PF_FAULT_KINDS]; /* of each kind, per record */
    uint64_t seed;                /* which records */
    const char *sheet; /* path of the answer sheet; NULL or "": none */
};

/** What is wrong with one record. */
struct pf_fault {
    enum pf_fault_kind kind; /* PF_FAULT_NONE: nothing */
    uint64_t index;          /* the record's, counted from 0 */
    uint64_t bits;           /* random, for what the kind leaves open */
};

/** The setting's word for a kind, "drop", and pf-audit's, "lost". */
const char *pf_fault_word(enum pf_fault_kind kind);
const char *pf_fault_finding(enum pf_fault_kind kind);

/**
 * Read "drop:0.001,truncate:0.002" into the rates of *ret, and leave the rest
 * of it alone. Empty text sets them all to 0.
 *
 * PF_CONFIG  not such a list, a kind twice, or rates beyond PF_FAULT_RATE_MAX
 */
enum pf_rc pf_faults_parse(const char *text, struct pf_faults *ret,
                           struct pf_error *err);

/** Whether any kind has a rate. */
bool pf_faults_any(const struct pf_faults *faults);

/** The one fault of the records with index / PF_FAULT_BLOCK = block. */
struct pf_fault pf_fault_of_block(const struct pf_faults *faults,
                                  uint64_t block);

/** Whether this kind is one that pf_fault_alter() makes. */
bool pf_fault_alters(enum pf_fault_kind kind);

/** Bytes that hold any altered value. */
#define PF_FAULT_VALUE_SIZE 96

/**
 * Alter the value of *record as fault, of a kind that alters, says, to
 * something that is no price of the feed. The record then borrows buf, or less
 * of its old value.
 */
void pf_fault_alter(const struct pf_fault *fault, struct pf_record *record,
                    char buf[static PF_FAULT_VALUE_SIZE]);

#endif
