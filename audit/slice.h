/* slice.h - what an audit has to remember of one partition's records. */
#ifndef PF_SLICE_H
#define PF_SLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "vec.h"

/** From this record on, until the next span, offsets count up. */
struct pf_offset_span {
    uint64_t at; /* index of the record */
    int64_t offset;
};

/** From this record on, until the next span, numbers count up. */
struct pf_number_span {
    uint64_t number;
    uint32_t at;
    uint32_t life; /* PF_NONE: these have no number */
};

/** A record whose printed line is not its value. */
struct pf_odd {
    uint64_t at;
    uint32_t line; /* checksum of the line that a consumer prints */
    bool refused;  /* a consumer prints no line */
    bool invalid;  /* the feed's own producer would not make it */
};

/** When the record was made, in nanoseconds since 1970. */
struct pf_made {
    uint64_t at;
    int64_t ns;
};

/** A timestamp is kept for one in this many records. */
#define PF_TIME_STEP 16

/**
 * Records in the order of the partition; each has an index, from 0, into what
 * was read. It takes four bytes and two bits, and a span of 16 bytes if its
 * offset or number does not follow the one before: so 20 bytes if a run's
 * records are spread over several partitions. There its key takes four more,
 * and its match two if there is a console.
 */
struct pf_slice {
    int64_t start; /* offset at which reading began */
    uint64_t base; /* the place of its first record, see topic.h */

    /* With several partitions: numbers that are missing before a record at this
     * offset or after it may still be under way. */
    int64_t goal;

    PF_VEC(uint32_t) crcs;      /* of all values; a missing one is empty */
    PF_VEC(unsigned char) told; /* bits: the number is in its own header */
    PF_VEC(struct pf_offset_span) offsets;
    PF_VEC(struct pf_number_span) numbers;
    PF_VEC(struct pf_odd) odd;
    PF_VEC(struct pf_made) made;
    PF_VEC(int64_t) times; /* ms since 1970, of records 0, 16, 32, ... */

    /* With several partitions. */
    PF_VEC(uint32_t) keys;    /* record_keys.h; PF_NONE: it has no number */
    PF_VEC(uint16_t) matches; /* if the console is compared; 0: another */

    PF_VEC(uint64_t) bad_headers, resets, late, silences; /* indices */

    /* Of the last record. */
    uint32_t run, life;
    uint64_t next; /* number of the next record if its headers have none */
    int64_t made_ns;
    uint32_t made_run;
    bool was_late;
    int64_t time_ms; /* its timestamp */
};

void pf_slice_release(struct pf_slice *slice);

/** Set *ret to the checksum of the line that a consumer prints for the record
 * with that index. False: it is refused. */
bool pf_slice_line(const struct pf_slice *slice, uint64_t at, uint32_t *ret);

/** The offset of the record with that index. */
int64_t pf_slice_offset(const struct pf_slice *slice, uint64_t at);

/** The index of the record at that offset, or -1. */
int64_t pf_slice_index(const struct pf_slice *slice, int64_t offset);

/** The offset after the last record. */
int64_t pf_slice_end(const struct pf_slice *slice);

/** The span that has the number of the record; NULL before the first span. */
const struct pf_number_span *pf_slice_span(const struct pf_slice *slice,
                                           uint64_t at);

/** How many records the span has. */
uint64_t pf_slice_span_len(const struct pf_slice *slice,
                           const struct pf_number_span *span);

/** The time window of the record: the nearest times that were kept, not after
 * it and not before it. */
void pf_slice_window(const struct pf_slice *slice, uint64_t at,
                     int64_t *ret_from_ms, int64_t *ret_to_ms);

#endif
