/* next.h - where a list of records goes on, as text that its reader hands back.
 */
#ifndef PF_WEB_NEXT_H
#define PF_WEB_NEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

/** A place in the records of n partitions. */
struct web_next {
    bool newest;      /* the newest come first */
    int64_t *offsets; /* of each partition: newest first, those below it are
                       * left; else it and those above */
    size_t n;
};

/** A number for the list itself: for these records, and no others. text or jq
 * NULL: all of them; partition -1: of all partitions. */
uint64_t web_next_list(const char *topic, int32_t partition, const char *text,
                       const char *jq);

/** Append *next, a place in that list, to token: letters, digits and '-'. */
void web_next_put(const struct web_next *next, uint64_t list,
                  struct pf_buffer *token);

/**
 * Parse a token of that list, which has n partitions at most. *ret's offsets
 * are to be freed.
 *
 * PF_FORMAT  it is not a token, or one of another list
 * PF_RANGE   it has more than n partitions
 * PF_NOMEM   out of memory
 */
enum pf_rc web_next_parse(const char *token, uint64_t list, size_t n,
                          struct web_next *ret, struct pf_error *err);

#endif
