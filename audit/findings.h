/* findings.h - what an audit has found. */
#ifndef PF_FINDINGS_H
#define PF_FINDINGS_H

#include <stdint.h>

#include "error.h"
#include "vec.h"

/** What can be wrong with a feed: the word for it, and its meaning. */
#define PF_FINDING_MAP(X)                                                      \
    X(LOST, "lost", "a record that never came")                                \
    X(DUPLICATE, "duplicate", "a record that is in the topic again")           \
    X(REORDERED, "reordered", "a record after one with a higher number")       \
    X(MOVED, "moved", "a key whose records are in another partition as well")  \
    X(ALTERED, "altered", "a value that is not a price, or not as sent")       \
    X(PHANTOM, "phantom", "a record, or a line, that nobody sent")             \
    X(CONFLICT, "conflict",                                                    \
      "two values for one number, or two places for one"                       \
      " record")                                                               \
    X(BACKWARDS, "backwards",                                                  \
      "a record before one that was acknowledged before it was sent")          \
    X(RESET, "reset", "numbers that start again within a run")                 \
    X(LATE, "late", "a record that was sent long after it was made")           \
    X(SILENCE, "silence", "a record that came long after the one before")      \
    X(BAD_HEADER, "bad-header", "a header that is not a number or a name")     \
    X(UNACCOUNTED, "unaccounted", "a record without an outcome in the ledger") \
    X(SKIPPED, "skipped", "a record that the console has left out")            \
    X(PRINTED_TWICE, "printed-twice", "a line that the console shows again")   \
    X(UNPRINTED, "unprinted", "a record that the console does not show yet")

enum pf_finding_kind {
#define PF_FINDING_ENUM(name, word, meaning) PF_FOUND_##name,
    PF_FINDING_MAP(PF_FINDING_ENUM)
#undef PF_FINDING_ENUM
        PF_FINDING_KINDS
};

/** Of each kind. */
extern const struct pf_finding_text {
    const char *word, *meaning;
} pf_finding_texts[PF_FINDING_KINDS];

/** One finding, or several of one kind with consecutive numbers. */
struct pf_finding {
    enum pf_finding_kind kind;
    uint32_t run;    /* PF_NONE: not known */
    uint64_t number; /* in its run, as in the header; of the first of n */
    uint64_t n;
    uint64_t sequence; /* counts on through resets; for a record without a
                        * number, its offset */
    int64_t place;     /* in the topic; -1: none. For lost records: the place
                        * after them, if there is one */
    int64_t line;      /* of the console, from 1; 0: not about a line */
};

struct pf_findings {
    PF_VEC(struct pf_finding) list;
    uint64_t counts[PF_FINDING_KINDS];
};

void pf_findings_release(struct pf_findings *findings);

/** False: memory ran out. */
bool pf_findings_add(struct pf_findings *findings,
                     const struct pf_finding *finding);

/** Take back what was added since before was copied from findings, as long as
 * none of it goes on where one of those before ended. */
void pf_findings_take_back(struct pf_findings *findings,
                           const struct pf_findings *before);

/** Write how many there are of each kind to buf: "lost 2, late 1". Returns buf.
 */
const char *pf_findings_counts(const struct pf_findings *findings, char *buf,
                               size_t size);

/** Sort them by sequence, then by kind. */
void pf_findings_sort(struct pf_findings *findings);

/** The most lines in a file of findings. */
#define PF_FINDINGS_MAX 1000000

/**
 * Write a line "KIND SEQUENCE" for each to the file at path, sorted by
 * sequence, up to PF_FINDINGS_MAX lines.
 *
 * PF_IO  the file cannot be written
 */
enum pf_rc pf_findings_write(const struct pf_findings *findings,
                             const char *path, struct pf_error *err);

#endif
