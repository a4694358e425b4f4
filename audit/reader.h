/* reader.h - reads the topic of an audit. */
#ifndef PF_READER_H
#define PF_READER_H

#include <librdkafka/rdkafka.h>

#include "error.h"
#include "source.h"
#include "topic.h"

/** Which records of the feed's partition to read. */
struct pf_reading {
    bool partition_chosen; /* it was set, it is not the default */
    int64_t start, end;    /* offsets; end 0: the current end of the topic */
    bool follow;           /* do not end at the topic's end */
};

/** A topic that is being read. All zero: not open. */
struct pf_reader {
    struct pf_reading what;
    struct pf_topic *topic;
    struct pf_source *source;
    rd_kafka_conf_t *kafka; /* for a question to the brokers; or NULL */
    int64_t *ends;          /* of each slice, as read at ends_ms; or NULL */
    int64_t ends_ms;
};

/**
 * Begin to read into topic, which is borrowed. Takes over kafka, whatever the
 * outcome. Fails like pf_kafka_source_open().
 */
enum pf_rc pf_reader_open(struct pf_reader *reader,
                          const struct pf_reading *what, struct pf_topic *topic,
                          rd_kafka_conf_t *kafka, struct pf_error *err);
void pf_reader_close(struct pf_reader *reader);

/**
 * Add the next records; wait for them at most timeout_ms milliseconds, and only
 * until a stop is asked for.
 *
 * PF_OK     there were some
 * PF_AGAIN  not now
 * PF_END    no record is left to audit
 * other     the topic cannot be read; *err tells why
 */
enum pf_rc pf_reader_read(struct pf_reader *reader, int timeout_ms,
                          struct pf_error *err);

/** The offset that the topic's next record gets, as far as known; of several
 * partitions the sum. */
int64_t pf_reader_end(const struct pf_reader *reader);

/** Set the goal of each slice to the offset that its partition's next record
 * would have had when reading began; or now, as far as known. */
void pf_reader_set_goals(struct pf_reader *reader, bool now);

/**
 * The goals follow what is read: at each call they are before all that was read
 * in the last age_ms milliseconds, and after what was read long before that.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_reader_move_goals(struct pf_reader *reader, int64_t age_ms,
                                struct pf_error *err);

/** Is everything read that was there at that time, in ns since 1970, when the
 * goals were set? A partition is at its end, as far as the broker had told when
 * pf_reader_read() was called last; or it never is, as more comes all the time,
 * but has reached its goal and given what is younger. */
bool pf_reader_has_all(const struct pf_reader *reader, int64_t ns);

/** How many records an open transaction holds back. */
int64_t pf_reader_held(const struct pf_reader *reader);

/**
 * That many numbers are missing, and there is no ledger: is it known that the
 * partitions which are read should have them? Asks the brokers, for a second
 * about each partition at most; of one that is not known it is taken that it
 * has no records.
 *
 * PF_UNDECIDED  another partition has records, and nobody has chosen this one;
 *               or partitions have been added since all of them are read
 */
enum pf_rc pf_reader_check_choice(const struct pf_reader *reader,
                                  uint64_t missing, struct pf_error *err);

#endif
