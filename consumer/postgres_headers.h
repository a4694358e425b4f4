/* postgres_headers.h - copies of a record's headers, in one piece of memory
 * that can be moved.
 */
#ifndef PF_POSTGRES_HEADERS_H
#define PF_POSTGRES_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

/** How many bytes a copy of the record's first max headers takes; 0: it has
 * none. */
size_t pf_postgres_headers_size(const struct pf_record *record, size_t max);

/** Copy them to to, which has room for that many bytes, one at least; no
 * alignment is needed. */
void pf_postgres_headers_copy(const struct pf_record *record, size_t max,
                              char *to);

/** The header_at() of a record (record.h) whose headers are such a copy. */
bool pf_postgres_header_at(const void *headers, size_t i,
                           struct pf_header *ret);

#endif
