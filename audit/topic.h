/* topic.h - what an audit has to remember of a partition's records. */
#ifndef PF_TOPIC_H
#define PF_TOPIC_H

#include "error.h"
#include "histogram.h"
#include "record.h"
#include "runs.h"

/** Which records to read, and what to look for in them. */
struct pf_feed {
    char *topic;
    int64_t partition;
    char *run_header; /* "": none, all records are of one run */
    char *seq_header;
    char *time_header;  /* "": none */
    int any_values;     /* 0: they have to be prices, in range */
    bool from_zero;     /* each run's first number is 0 */
    bool keep_times;    /* keep times of making for later */
    int64_t late_ms;    /* a record this old when sent is late; 0: off */
    int64_t silence_ms; /* a pause of this length is a silence; 0: off */
};

/** From here on, until the next one, offsets count up with places. */
struct pf_offset_span {
    uint64_t place;
    int64_t offset;
};

/** From here on, until the next one, numbers count up with places. */
struct pf_number_span {
    uint64_t place;
    uint64_t number;
    uint32_t life; /* PF_NONE: these have no number */
};

/** A record whose printed line is not its value. */
struct pf_odd {
    uint64_t place;
    uint32_t line; /* checksum of the line that a consumer prints */
    bool refused;  /* a consumer prints no line */
    bool invalid;  /* the feed's own producer would not make it */
};

/** When the record at that place was made, in nanoseconds since 1970. */
struct pf_made {
    uint64_t place;
    int64_t ns;
};

/** A timestamp is kept for one in this many records. */
#define PF_TIME_STEP 16

/**
 * Records in the order of the partition; a place is an index, from 0, into what
 * was read. Each takes four bytes and two bits, and a span if its offset or
 * number does not follow the one before.
 */
struct pf_topic {
    const struct pf_feed *feed; /* borrowed */
    struct pf_runs *runs;       /* borrowed */
    int64_t start;              /* offset at which reading began */

    PF_VEC(uint32_t) crcs;      /* of all values; a missing one is empty */
    PF_VEC(unsigned char) told; /* bits: the number is in its own header */
    PF_VEC(struct pf_offset_span) offsets;
    PF_VEC(struct pf_number_span) numbers;
    pf_lives lives;
    PF_VEC(struct pf_odd) odd;
    PF_VEC(struct pf_made) made;
    PF_VEC(int64_t) times; /* ms since 1970, of places 0, 16, 32, ... */

    uint64_t numbered, runs_seen;
    PF_VEC(uint64_t) bad_headers, resets, late, silences; /* places */
    uint64_t late_records; /* all late ones; late has the first of each row */
    struct pf_histogram append; /* ns from making to appending, if known */

    /* Of the last record. */
    uint32_t run, life;
    uint64_t next; /* number of the next record if its headers have none */
    int64_t made_ns;
    uint32_t made_run;
    bool was_late;
};

/** Nothing has been read yet. Both are borrowed. */
struct pf_topic pf_topic_init(const struct pf_feed *feed, struct pf_runs *runs);
void pf_topic_release(struct pf_topic *topic);

/** Add the next record of the partition. PF_NOMEM: memory ran out. */
enum pf_rc pf_topic_add(struct pf_topic *topic, const struct pf_record *record,
                        struct pf_error *err);

/** The offset of the record at that place. */
int64_t pf_topic_offset(const struct pf_topic *topic, uint64_t place);

/** The place of the record at that offset, or -1. */
int64_t pf_topic_place(const struct pf_topic *topic, int64_t offset);

/** The offset after the last record. */
int64_t pf_topic_end(const struct pf_topic *topic);

/** The span that has the number of the place; NULL before the first span. */
const struct pf_number_span *pf_topic_span(const struct pf_topic *topic,
                                           uint64_t place);

/** How many places the span has. */
uint64_t pf_topic_span_len(const struct pf_topic *topic,
                           const struct pf_number_span *span);

/** The time window of the place: the nearest times that were kept, not after
 * it and not before it. */
void pf_topic_window(const struct pf_topic *topic, uint64_t place,
                     int64_t *ret_from_ms, int64_t *ret_to_ms);

#endif
