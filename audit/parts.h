/* parts.h - the parts of an audit, each of which holds one against another. */
#ifndef PF_PARTS_H
#define PF_PARTS_H

#include <stdbool.h>

#include "comparison.h"

/* False: memory ran out. */

/** Hold the topic against the ledger. */
bool pf_check_ledger(struct pf_check *check);

/** Look for holes, repetitions and disorder in the topic's numbers. */
bool pf_check_numbers(struct pf_check *check);

/** Hold the console against the topic. */
bool pf_check_console(struct pf_check *check);

#endif
