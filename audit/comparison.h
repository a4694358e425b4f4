/* comparison.h - the parts of an audit, each of which holds one thing against
 * another, and what they share. What returns a bool is false when memory ran
 * out. */
#ifndef PF_COMPARISON_H
#define PF_COMPARISON_H

#include "check.h"

/** Compare the topic with the ledger. */
bool pf_check_ledger(struct pf_check *check);

/** Look for gaps, repetitions and disorder in the topic's numbers. */
bool pf_check_numbers(struct pf_check *check);

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

/** Sort the topic's numbers: fill pieces and covers. */
bool pf_check_index(struct pf_check *check);

/** The first place with this number, or -1. */
int64_t pf_check_place(const struct pf_check *check, uint32_t life,
                       uint64_t number);

/** Sort keys by life, number and of. */
void pf_keys_sort(pf_keys *keys);

/** Index of the first of the sorted keys that is not below life, number. */
size_t pf_keys_find(const pf_keys *keys, uint32_t life, uint64_t number);

#endif
