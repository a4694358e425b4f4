/* topic.h - what an audit has to remember of a topic's records. */
#ifndef PF_TOPIC_H
#define PF_TOPIC_H

#include "error.h"
#include "histogram.h"
#include "record.h"
#include "record_keys.h"
#include "runs.h"
#include "slice.h"

/** Instead of a partition's number: all that the topic has. */
#define PF_ALL_PARTITIONS (-1)

/** The most records: their places fit in 32 bits. */
#define PF_RECORDS_MAX (UINT32_MAX - 1)

/** Which records to read, and what to look for in them. */
struct pf_feed {
    char *topic;
    int64_t partition; /* or PF_ALL_PARTITIONS */
    char *run_header;  /* "": none, all records are of one run */
    char *seq_header;
    char *time_header;  /* "": none */
    int any_values;     /* 0: they have to be prices, in range */
    bool from_zero;     /* each run's first number is 0 */
    int64_t late_ms;    /* a record this old when sent is late; 0: off */
    int64_t silence_ms; /* a pause of this length is a silence; 0: off */
};

/**
 * The records of one partition or of all. A run's numbers count through all of
 * them; a record has an order only with those of its partition. Once they are
 * laid out each has a place: they count up from 0 through the first partition,
 * then through the next.
 *
 * One partition: a record without headers has the number after the one before
 * it, and a run may begin again. All partitions: only a record whose headers
 * have its number has one, and a run is one life.
 */
struct pf_topic {
    const struct pf_feed *feed; /* borrowed */
    struct pf_runs *runs;       /* borrowed */
    bool all;                   /* all partitions, however many there are */
    bool keep_times;            /* of making; set before records are added */
    bool keep_matches;          /* of prices; likewise, and only with all */
    PF_VEC(struct pf_slice) slices;
    uint64_t n; /* records */

    pf_lives lives;
    struct pf_record_keys keys; /* with all */
    uint64_t numbered, runs_seen;
    uint64_t late_records; /* all late ones; late has the first of each row */
    struct pf_histogram append; /* ns from making to appending, if known */
};

/** Nothing has been read yet. Both are borrowed. */
struct pf_topic pf_topic_init(const struct pf_feed *feed, struct pf_runs *runs);
void pf_topic_release(struct pf_topic *topic);

/** The topic has n partitions, or one is read: call it before anything else.
 * PF_NOMEM: memory ran out. */
enum pf_rc pf_topic_open(struct pf_topic *topic, size_t n,
                         struct pf_error *err);

/** Add the next record of its partition. PF_NOMEM: memory ran out. */
enum pf_rc pf_topic_add(struct pf_topic *topic, const struct pf_record *record,
                        struct pf_error *err); /* in topic_add.c */

/** Give each record its place: again when some were added. */
void pf_topic_lay_out(struct pf_topic *topic);

/** The slice that has the place, which must be one of a record. */
const struct pf_slice *pf_topic_slice(const struct pf_topic *topic,
                                      uint64_t place);

/** The partition's number of a slice. */
int64_t pf_topic_partition(const struct pf_topic *topic,
                           const struct pf_slice *slice);

/** The offset, or the checksum, of the record at that place. */
int64_t pf_topic_offset(const struct pf_topic *topic, uint64_t place);
uint32_t pf_topic_crc(const struct pf_topic *topic, uint64_t place);

/** Set *ret_life and *ret_number to those of the record at that place. False:
 * it has no number. */
bool pf_topic_number(const struct pf_topic *topic, uint64_t place,
                     uint32_t *ret_life, uint64_t *ret_number);

/** The sum of the offsets after the last records. */
int64_t pf_topic_end(const struct pf_topic *topic);

#endif
