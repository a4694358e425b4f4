/* stamp.h - gives records the headers of a run (headers.h). */
#ifndef PF_STAMP_H
#define PF_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

/** Room for some records and their headers. Members are private to stamp.c. */
struct pf_stamps {
    struct pf_record *records;
    struct pf_stamp *stamps;
};

/** Make room for n records of that run, whose name is borrowed. False: memory
 * ran out; release it all the same. */
bool pf_stamps_init(struct pf_stamps *stamps, const char *run, size_t n);

void pf_stamps_release(struct pf_stamps *stamps);

/** Copies of n records, at most as many as there is room for, with headers. A
 * record's number is its offset. They live until the next call, and borrow the
 * bytes of the records. */
const struct pf_record *pf_stamp(struct pf_stamps *stamps,
                                 const struct pf_record *records, size_t n);

#endif
