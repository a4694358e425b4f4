/* faults.h - damage done on purpose: which records of a run, and how.
 *
 * A feed that is wrong in known places tests the programs that read it. The
 * places depend only on a seed and a record's number, so the same settings
 * damage the same records on every machine.
 */
#ifndef PF_FAULTS_H
#define PF_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "options.h"
#include "record.h"
#include "settings.h"

/** Kinds of fault: the word in the setting, and pf-audit's word for the finding
 * that it causes, which is also what the answer sheet lists. */
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
 * Records per block. A block has at most one fault, in its first half. So two
 * faults are at least 16 records apart, which lets a reader tell them apart,
 * and no fault depends on another. The first block has none: each run begins
 * with good records.
 */
#define PF_FAULT_BLOCK 32

/** Most that all rates may add up to: nearly one fault in each block. */
#define PF_FAULT_RATE_MAX 0.03

/** What to damage. */
struct pf_faults {
    /* The options table's. */
    const char *text, *seed_text;
    const char *sheet; /* path of the answer sheet; "": none */

    /* Set by pf_faults_check(). */
    double rates[PF_FAULT_KINDS]; /* of each kind, per record */
    double sum;                   /* of these */
    uint64_t seed;                /* chooses the records */
};

/** Rows for the options table of a struct type with a member faults. */
#define PF_FAULTS_OPTIONS(type, faults)                                       \
    PF_OPTION_STR(type, faults.text, "feed.faults", "",                       \
                  "faults to inject, KIND:RATE,... per price, 0.03 in total " \
                  "at most; see pf-producer(1); empty: none"),                \
        PF_OPTION_STR(                                                        \
            type, faults.seed_text, "feed.faults.seed", "",                   \
            "seed that chooses the prices to damage; empty: feed.seed"),      \
        PF_OPTION_STR(type, faults.sheet, "feed.faults.sheet", "",            \
                      "file that lists the faults, overwritten at each "      \
                      "start; empty: none")

/** What is wrong with one record. */
struct pf_fault {
    enum pf_fault_kind kind; /* PF_FAULT_NONE: nothing */
    uint64_t index;          /* the record's, counted from 0 */
    uint64_t bits;           /* random, for the details of the damage */
};

/** A kind's word in the setting, such as "drop", and in pf-audit, "lost". */
extern const struct pf_fault_words {
    const char *word, *finding;
} pf_fault_words[PF_FAULT_KINDS];

/**
 * Set the members that follow from the settings. Without a seed of its own, it
 * gets the one given.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 */
enum pf_rc pf_faults_check(struct pf_faults *faults, uint64_t seed,
                           const struct pf_settings *settings,
                           struct pf_error *err);

/** Log it if anything is damaged, so that nobody takes that for a bug. */
void pf_faults_say(const struct pf_faults *faults);

/**
 * Parse "drop:0.001,truncate:0.002" into the rates of *ret and their sum; its
 * other members stay as they are. Empty text sets all rates to 0.
 *
 * PF_CONFIG  malformed, a kind is given twice, or the rates add up to more
 *            than PF_FAULT_RATE_MAX
 */
enum pf_rc pf_faults_parse(const char *text, struct pf_faults *ret,
                           struct pf_error *err);

/** The fault, if any, of the records with index / PF_FAULT_BLOCK = block. */
struct pf_fault pf_fault_of_block(const struct pf_faults *faults,
                                  uint64_t block);

/** Bytes that hold any altered value. */
#define PF_FAULT_VALUE_SIZE 96

/**
 * Change the value of *record, as fault says, to something that is not a price
 * of the feed. The record's value then points to buf, or is a shorter part of
 * its old value. False: this kind of fault does not alter values.
 */
bool pf_fault_alter(const struct pf_fault *fault, struct pf_record *record,
                    char buf[static PF_FAULT_VALUE_SIZE]);

#endif
