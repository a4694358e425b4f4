/* topic.h - what a partition holds, as far as an audit has to remember it. */
#ifndef PF_TOPIC_H
#define PF_TOPIC_H

#include "error.h"
#include "record.h"
#include "runs.h"

/** What to look for in the records. */
struct pf_topic_rules {
    const char *run_header; /* "": there is none, all is one run */
    const char *seq_header;
    const char *time_header; /* "": there is none */
    bool prices;             /* values have to be prices, in range */
    bool from_zero;          /* each run's first number is 0 */
    bool keep_times;         /* send times are asked for afterwards */
    int64_t late_ms;         /* a record so old when sent is late; 0: none */
    int64_t silence_ms;      /* so long a gap is a silence; 0: none is */
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

/** A record whose line is not its value. */
struct pf_odd {
    uint64_t place;
    uint32_t line; /* check sum of the line that a consumer prints */
    bool refused;  /* it prints none */
    bool invalid;  /* the feed's own producer would not make it */
};

/** When the record at that place was made, in nanoseconds since 1970. */
struct pf_made {
    uint64_t place;
    int64_t ns;
};

/** Timestamps are kept for one record of so many. */
#define PF_TIME_STEP 16

/**
 * Records in the order of the partition; a place is an index from 0 into what
 * was read. Four bytes and two bits for each, and a span where something other
 * than the next offset or number comes.
 */
struct pf_topic {
    struct pf_topic_rules rules;
    struct pf_runs *runs; /* borrowed */
    int64_t start;        /* offset at which reading began */

    PF_VEC(uint32_t) crcs;      /* of values; without one as of an empty one */
    PF_VEC(unsigned char) told; /* bits: its own header has its number */
    PF_VEC(struct pf_offset_span) offsets;
    PF_VEC(struct pf_number_span) numbers;
    pf_lives lives;
    PF_VEC(struct pf_odd) odd;
    PF_VEC(struct pf_made) made;
    PF_VEC(int64_t) times; /* ms since 1970, of places 0, 16, 32, ... */

    uint64_t values, numbered, runs_seen;
    PF_VEC(uint64_t) bad_headers, resets, late, silences; /* places */
    uint64_t late_records; /* late ones in all; late has each row's first */

    /* Of the record before. */
    uint32_t run, life;
    uint64_t next; /* number of the next record, if its own headers have none */
    int64_t made_ns;
    uint32_t made_run;
    bool was_late;
};

struct pf_histogram;

/** Contents: nothing read; runs stays the caller's. */
struct pf_topic pf_topic_init(const struct pf_topic_rules *rules,
                              struct pf_runs *runs);
void pf_topic_release(struct pf_topic *topic);

/**
 * Take note of the next record of the partition. The nanoseconds between its
 * making and its being appended, where both are known, go into append.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_topic_add(struct pf_topic *topic, const struct pf_record *record,
                        struct pf_histogram *append, struct pf_error *err);

/** How many records there are. */
static inline uint64_t pf_topic_n(const struct pf_topic *topic)
{
    return topic->crcs.n;
}

/** The offset of the record at that place. */
int64_t pf_topic_offset(const struct pf_topic *topic, uint64_t place);

/** The place of the record at that offset, or -1. */
int64_t pf_topic_place(const struct pf_topic *topic, int64_t offset);

/** The offset after the last record. */
int64_t pf_topic_end(const struct pf_topic *topic);

/** The span that the place's number is from; NULL before the first. */
const struct pf_number_span *pf_topic_span(const struct pf_topic *topic,
                                           uint64_t place);

/** How many places the span has. */
uint64_t pf_topic_span_len(const struct pf_topic *topic,
                           const struct pf_number_span *span);

/** A time not after the place's, and one not before it, as records go. */
void pf_topic_window(const struct pf_topic *topic, uint64_t place,
                     int64_t *ret_from_ms, int64_t *ret_to_ms);

#endif
