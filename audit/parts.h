/* parts.h - the parts of an audit, each of which holds one against another. */
#ifndef PF_PARTS_H
#define PF_PARTS_H

#include <stdbool.h>

#include "comparison.h"

/* False: memory ran out. */

/** Compare the topic with the ledger. */
bool pf_check_ledger(struct pf_check *check);

/** Look for gaps, repetitions and disorder in the topic's numbers. */
bool pf_check_numbers(struct pf_check *check);

/** Compare the console with the topic. */
bool pf_check_console(struct pf_check *check);

#endif
