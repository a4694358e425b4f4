/* matches.h - compares the console with a topic of several partitions. */
#ifndef PF_MATCHES_H
#define PF_MATCHES_H

#include "comparison.h"

/**
 * Compare the lines of each match with its records. A consumer prints records
 * of several partitions, and several consumers print into one console: only the
 * lines of one key have an order. What has been skipped is judged within each
 * partition: from its first record that was printed to its last one. Topic and
 * lines have kept their matches. False: memory ran out.
 */
bool pf_check_matches(struct pf_check *check);

#endif
