/* index.h - where in the topic a number of a run is. */
#ifndef PF_INDEX_H
#define PF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "comparison.h"

/** Sort the topic's numbers: fill pieces and covers. False: memory ran
 * out. */
bool pf_check_index(struct pf_check *check);

/** The first place with this number, or -1. */
int64_t pf_check_place(const struct pf_check *check, uint32_t life,
                       uint64_t number);

/** Sort keys by life, number and of. */
void pf_keys_sort(struct pf_key *keys, size_t n);

/** Index of the first of the sorted keys that is not below life, number. */
size_t pf_keys_find(const struct pf_key *keys, size_t n, uint32_t life,
                    uint64_t number);

#endif
